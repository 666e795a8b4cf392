description = "Saves the events within a range of time around each match of the command line's filter, on the same thread, to "
  .. "a capture file: 'tsdig -r all.scap -c around failed.scap evt.type=openat and evt.failed=true' keeps two seconds "
  .. "around every failed open."
short_description = "Export to file the events around the time range where the given filter matches."
category = "Misc"

local event_ranges = require "event_ranges"

args = {
  { name = "dump_file_name", description = "the capture file to write", argtype = "string" },
  event_ranges.args[2],
}

local ranges = event_ranges.new(true)
local f_tid, f_time, f_name, f_pid, printable

function on_set_arg(name, value)
  local ok, message = event_ranges.set(ranges, name, value)
  if not ok then
    error(message, 0)
  end
  return true
end

function on_init()
  if sysdig.get_filter() == "" then
    error("give the filter whose matches matter, for instance: -c around out.scap evt.failed=true", 0)
  end
  printable = require("terminal").printable()
  f_tid = chisel.request_field("thread.tid")
  f_time = chisel.request_field("evt.time")
  f_name = chisel.request_field("proc.name")
  f_pid = chisel.request_field("proc.pid")
  return true
end

function on_capture_start()
  local ok, message = event_ranges.check(ranges)
  if not ok then
    error(message, 0)
  end
  return true
end

function on_event()
  local tid = evt.field(f_tid)
  if tid == nil then
    return false
  end
  print(evt.field(f_time) .. " " .. printable(tostring(evt.field(f_name))) .. "(" .. tostring(evt.field(f_pid)) .. ")")
  local s, ns = evt.get_ts()
  event_ranges.add(ranges, s, ns, tid)
  return false
end

function on_capture_end()
  event_ranges.save(ranges)
  return true
end
