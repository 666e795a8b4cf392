description = "Processes by the bytes that they read from and write to files. With -pc the columns show "
  .. "both pids and the container."
short_description = "Top processes by R+W disk bytes"
category = "I/O"
args = {}

local top_table = require "top_table"

top_table.define({
  keys = top_table.processes,
  value = { "evt.rawarg.res", "Bytes" },
  unit = "bytes",
  top = 10,
  filter = "evt.is_io=true and evt.dir=< and evt.rawres>0 and fd.type=file",
})
