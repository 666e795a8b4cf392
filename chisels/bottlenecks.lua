description = "The ten system calls that took the longest, each as its enter and its exit event with arguments."
short_description = "Slowest system calls"
category = "Performance"
args = {}

local SHOWN = 10

local field = evt.field
local f_tid, f_num, f_dir, f_type, f_args, f_latency, f_name
-- What was known when a thread's call under way began: tid -> { number, text }
local begun = {}
-- The slowest so far, slowest first: { latency, enter line, exit line }
local slowest = {}
local least = 0

function on_init()
  f_tid = chisel.request_field("thread.tid")
  f_num = chisel.request_field("evt.num")
  f_dir = chisel.request_field("evt.dir")
  f_type = chisel.request_field("evt.type")
  f_args = chisel.request_field("evt.args")
  f_latency = chisel.request_field("evt.latency")
  f_name = chisel.request_field("proc.name")
  chisel.set_filter("not evt.type in (switch, procexit, signaldeliver, procinfo)")
  return true
end

local function line(number, latency, direction, tid, args)
  local seconds = math.floor(latency / 1e9)
  return string.format("%d) %d.%09d %s (%s) %s %s %s", number, seconds, latency - seconds * 1e9,
    field(f_name) or "<NA>", tid, direction, field(f_type), args)
end

local function keep(latency, enter, exit)
  local at = #slowest + 1
  while at > 1 and slowest[at - 1][1] < latency do
    at = at - 1
  end
  table.insert(slowest, at, { latency, enter, exit })
  slowest[SHOWN + 1] = nil
  if #slowest == SHOWN then
    least = slowest[SHOWN][1]
  end
end

function on_event()
  local tid = field(f_tid)
  if tid == nil then
    return false
  end
  if field(f_dir) == ">" then
    local call = begun[tid]
    if call == nil then
      call = {}
      begun[tid] = call
    end
    call[1] = field(f_num)
    call[2] = field(f_args)
    return false
  end
  local latency = field(f_latency)
  local call = begun[tid]
  if latency ~= nil and call ~= nil and call[1] ~= nil and latency > least then
    keep(latency, line(call[1], 0, ">", tid, call[2] or ""), line(field(f_num), latency, "<", tid, field(f_args) or ""))
  end
  return false
end

function on_capture_end()
  local printable = require("terminal").printable()
  for i = 1, #slowest do
    print(printable(slowest[i][2]))
    print(printable(slowest[i][3]))
  end
  return true
end
