description = "Processes by the bytes that they send and receive over IP sockets. With -pc the columns "
  .. "show both pids and the container."
short_description = "Top processes by network I/O"
category = "Net"
args = {}

local top_table = require "top_table"

top_table.define({
  keys = top_table.processes,
  value = { "evt.rawarg.res", "Bytes" },
  unit = "bytes",
  top = 100,
  filter = "evt.is_io=true and evt.dir=< and evt.rawres>0 and (fd.type=ipv4 or fd.type=ipv6)",
})
