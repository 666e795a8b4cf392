description = "Containers by the bytes that their processes send and receive over IP sockets."
short_description = "Top containers by network I/O"
category = "Net"
args = {}

require("top_table").define({
  keys = function()
    return { { "container.name", "container.name" } }
  end,
  value = { "evt.rawarg.res", "Bytes" },
  unit = "bytes",
  top = 100,
  filter = "evt.is_io=true and evt.dir=< and evt.rawres>0 and (fd.type=ipv4 or fd.type=ipv6) and container.name!=host",
})
