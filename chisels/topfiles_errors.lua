description = "Files by the number of system calls on them that failed. With -pc the columns show the "
  .. "container too."
short_description = "Top files by number of errors"
category = "Errors"
args = {}

local top_table = require "top_table"

top_table.define({
  keys = top_table.by("fd.name", "Filename"),
  value = { "evt.count", "#Errors" },
  unit = "none",
  top = 100,
  filter = "evt.failed=true and fd.type in (file, directory)",
})
