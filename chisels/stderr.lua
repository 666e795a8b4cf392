description = "What processes write to their standard error. A filter limits it to a process or a container. With -pc each "
  .. "piece is preceded by the container's id and name, blue for containers and green for the host."
short_description = "Print stderr of processes"
category = "I/O"
args = {
  { name = "disable_color", description = "Set to 'disable_colors' for output without colors", argtype = "string", optional = true },
}

require("standard_stream").define(2, true)
