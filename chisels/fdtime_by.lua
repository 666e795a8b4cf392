description = "The time spent in system calls on file descriptors, summed by any filter field: which process or file waits "
  .. "the longest for its I/O."
short_description = "FD time group by"
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
  value = { "evt.latency", "Time" },
  unit = "time",
  top = 10,
  filter = "evt.is_io=true and evt.dir=<",
})
