description = "When within each second system calls happen, as a picture: time runs down by seconds (or by the range given), the "
  .. "offset within it runs right, and the color of a cell tells how many calls per second fell into it (black none, "
  .. "green tens, yellow hundreds, red thousands). What repeats every so many milliseconds shows as columns."
short_description = "Visualize subsecond offset execution time."
category = "CPU Usage"
args = {
  { name = "refresh_time", description = "the range of a row in milliseconds (default 1000)", argtype = "int", optional = true },
}

local heat_map = require "heat_map"

local range_ms = 1000
local get_ts = evt.get_ts
local floor = math.floor
local columns, range_ns, range_s
local counts = {}

function on_set_arg(name, value)
  range_ms = heat_map.milliseconds("subsecoffset", value)
  return range_ms ~= nil
end

function on_init()
  if not heat_map.check() then
    return false
  end
  chisel.set_filter("evt.dir=< and evt.type!=switch")
  chisel.set_interval_ns(range_ms * 1e6)
  columns = heat_map.columns()
  range_ns = range_ms * 1e6
  range_s = range_ms / 1000
  return true
end

local function scale()
  local labels = {}
  for i = 0, 9 do
    labels[i + 1] = { floor(i * columns / 10), string.format("%g", i * range_ms / 10) .. "ms" }
  end
  heat_map.scale(labels, columns)
end

function on_capture_start()
  heat_map.legend()
  scale()
  return true
end

function on_event()
  local s, ns = get_ts()
  -- Seconds first: ns since 1970 would not fit a number exactly.
  local offset = ((s % range_s) * 1e9 + ns) % range_ns
  local cell = floor(offset / range_ns * columns) + 1
  counts[cell] = (counts[cell] or 0) + 1
  return false
end

function on_interval()
  -- A cell stands for a small part of the row's time.
  heat_map.row(counts, columns, range_s / columns * 10)
  scale()
  counts = {}
  return true
end

function on_capture_end()
  if columns ~= nil then
    heat_map.close()
  end
  return true
end
