description = "Files by the bytes read from and written to them. With -pc the columns show the container "
  .. "too."
short_description = "Top files by R+W bytes"
category = "I/O"
args = {}

require("top_table").define({
  keys = function(pc)
    if pc then
      return { { "container.name", "container.name" }, { "fd.name", "Filename" } }
    end
    return { { "fd.name", "Filename" } }
  end,
  value = { "evt.rawarg.res", "Bytes" },
  unit = "bytes",
  top = 10,
  filter = "evt.is_io=true and evt.dir=< and evt.rawres>0 and fd.type=file",
})
