description = "Network connections by the bytes that go over them, both ways. With -pc the columns show "
  .. "the container too."
short_description = "Top network connections by total bytes"
category = "Net"
args = {}

require("top_table").define({
  keys = function(pc)
    if pc then
      return { { "container.name", "container.name" }, { "fd.l4proto", "Proto" }, { "fd.name", "Conn" } }
    end
    return { { "fd.l4proto", "Proto" }, { "fd.name", "Conn" } }
  end,
  value = { "evt.rawarg.res", "Bytes" },
  unit = "bytes",
  top = 30,
  filter = "evt.is_io=true and evt.dir=< and evt.rawres>0 and (fd.type=ipv4 or fd.type=ipv6)",
})
