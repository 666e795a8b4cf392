description = "TCP and UDP server ports by the bytes that go through them, both ways. With -pc the columns "
  .. "show the container too."
short_description = "Top TCP/UDP server ports by R+W bytes"
category = "Net"
args = {}

local top_table = require "top_table"

top_table.define({
  keys = top_table.by("fd.sport", "Srv Port"),
  value = { "evt.rawarg.res", "Bytes" },
  unit = "bytes",
  top = 100,
  filter = "evt.is_io=true and evt.dir=< and evt.rawres>0 and (fd.type=ipv4 or fd.type=ipv6)",
})
