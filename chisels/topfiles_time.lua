description = "Files by the time that processes spend in system calls on them. With -pc the columns show "
  .. "the container too."
short_description = "Top files by time"
category = "I/O"
args = {}

local top_table = require "top_table"

top_table.define({
  keys = top_table.by("fd.name", "Filename"),
  value = { "evt.latency", "Time" },
  unit = "time",
  top = 10,
  filter = "evt.is_io=true and evt.dir=< and fd.type=file",
})
