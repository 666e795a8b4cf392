description = "The 30 system calls that are made most often. A filter narrows it to a process, a thread or "
  .. "a file. With -pc the columns show the container too."
short_description = "Top system calls by number of calls"
category = "Performance"
args = {}

local top_table = require "top_table"

top_table.define({
  keys = top_table.by("evt.type", "Syscall"),
  value = { "evt.count", "# Calls" },
  unit = "none",
  top = 30,
  filter = "evt.type!=switch",
})
