description = "How long system calls take, as a picture: time runs down, latency runs right from nanoseconds to minutes, and the "
  .. "color of a cell tells how many calls per second took that long (black none, green tens, yellow hundreds, red "
  .. "thousands). Two rows a second unless told otherwise. Use it with a filter: of a process, of files, of one call."
short_description = "Visualize OS latency in real time."
category = "CPU Usage"
args = {
  { name = "refresh_time", description = "Chart refresh time in milliseconds", argtype = "int", optional = true },
}

local heat_map = require "heat_map"

-- 1 ns to 100 s, by powers of ten.
local DECADES = 11
local LABELS = { "1ns", "10ns", "100ns", "1us", "10us", "100us", "1ms", "10ms", "100ms", "1s", "10s" }

local LOG_10 = math.log(10)

local refresh_ms = 500
local field = evt.field
local log, floor = math.log, math.floor
local f_latency
local columns, cells_per_log
local counts = {}

function on_set_arg(name, value)
  refresh_ms = heat_map.milliseconds("spectrogram", value)
  return refresh_ms ~= nil
end

function on_init()
  if not heat_map.check() then
    return false
  end
  f_latency = chisel.request_field("evt.latency")
  chisel.set_filter("evt.dir=< and evt.type!=switch and evt.latency>0")
  chisel.set_interval_ns(refresh_ms * 1e6)
  columns = heat_map.columns()
  cells_per_log = columns / (DECADES * LOG_10)
  return true
end

local function scale()
  local labels = {}
  for i = 1, #LABELS do
    labels[i] = { floor((i - 1) * columns / DECADES), LABELS[i] }
  end
  heat_map.scale(labels, columns)
end

function on_capture_start()
  heat_map.legend()
  scale()
  return true
end

function on_event()
  local latency = field(f_latency)
  if latency == nil then
    return false
  end
  local cell = floor(log(latency) * cells_per_log) + 1
  if cell > columns then
    cell = columns
  end
  counts[cell] = (counts[cell] or 0) + 1
  return false
end

function on_interval()
  heat_map.row(counts, columns, refresh_ms / 1000)
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
