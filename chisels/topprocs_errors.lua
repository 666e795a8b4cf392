description = "Processes by the number of their system calls that failed. With -pc the columns show both "
  .. "pids and the container."
short_description = "Top processes by number of errors"
category = "Errors"
args = {}

local top_table = require "top_table"

top_table.define({
  keys = top_table.processes,
  value = { "evt.count", "#Errors" },
  unit = "none",
  top = 100,
  filter = "evt.failed=true",
})
