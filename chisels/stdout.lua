description = "What processes write to their standard output. A filter limits it to a process or a container."
short_description = "Print stdout of processes"
category = "I/O"
args = {}

require("standard_stream").define(1, false)
