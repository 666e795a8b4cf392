description = "Containers by the bytes that their processes read from and write to files."
short_description = "Top containers by R+W disk bytes"
category = "I/O"
args = {}

require("top_table").define({
  keys = function()
    return { { "container.name", "container.name" } }
  end,
  value = { "evt.rawarg.res", "Bytes" },
  unit = "bytes",
  top = 10,
  filter = "evt.is_io=true and evt.dir=< and evt.rawres>0 and fd.type=file and container.name!=host",
})
