description = "The 30 system calls in which most time is spent. A filter narrows it to a process, a thread "
  .. "or a file. With -pc the columns show the container too."
short_description = "Top system calls by time"
category = "Performance"
args = {}

local top_table = require "top_table"

top_table.define({
  keys = top_table.by("evt.type", "Syscall"),
  value = { "evt.latency", "Time" },
  unit = "time",
  top = 30,
  filter = "evt.dir=<",
})
