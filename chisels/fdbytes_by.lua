description = "The bytes read and written, summed by any filter field: which process, file, port or container moved the most."
short_description = "I/O bytes, aggregated by an arbitrary filter field"
category = "I/O"
args = {
  { name = "key", description = "the filter field to group by", argtype = "string" },
}

local key

function on_set_arg(name, value)
  key = value
  return true
end

require("top_table").define({
  keys = function()
    return { { key, key } }
  end,
  value = { "evt.rawarg.res", "Bytes" },
  unit = "bytes",
  top = 30,
  filter = "evt.is_io=true and evt.dir=< and evt.rawres>0",
})
