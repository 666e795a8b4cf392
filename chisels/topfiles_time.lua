description = "Files by the time that processes spend in system calls on them. With -pc the columns show "
  .. "the container too."
short_description = "Top files by time"
category = "I/O"
args = {}

require("top_table").define({
  keys = function(pc)
    if pc then
      return { { "fd.name", "Filename" }, { "container.name", "container.name" } }
    end
    return { { "fd.name", "Filename" } }
  end,
  value = { "evt.latency", "Time" },
  unit = "time",
  top = 10,
  filter = "evt.is_io=true and evt.dir=< and fd.type=file",
})
