description = "Every message that processes send to syslog, with facility, severity and process. A filter such as "
  .. "proc.name=foo or 'syslog.message contains foo' narrows it. With -pc the container's name comes first. The events "
  .. "around each message can be saved to a file."
short_description = "Print every message written to syslog. Optionally, export the events around each syslog message to file."
category = "Logs"

local terminal = require "terminal"
local event_ranges = require "event_ranges"

args = {
  event_ranges.args[1],
  event_ranges.args[2],
  { name = "disable_color", description = "Set to 'disable_colors' for output without colors", argtype = "string", optional = true },
}

local LAST_ERROR, LAST_WARNING = 3, 4

local ranges = event_ranges.new(false)
local colors_wanted = true
local field = evt.field
local f_facility, f_severity, f_level, f_message, f_name, f_pid, f_container, f_tid
local printable, palette, containers, live

function on_set_arg(name, value)
  if name == "disable_color" then
    colors_wanted = not terminal.wants_no_color(value)
    return true
  end
  local ok, message = event_ranges.set(ranges, name, value)
  if not ok then
    error(message, 0)
  end
  return true
end

function on_init()
  containers = sysdig.is_print_container_data()
  palette = terminal.palette(colors_wanted and sysdig.is_tty())
  printable = terminal.printable()
  live = sysdig.is_live()
  f_facility = chisel.request_field("syslog.facility.str")
  f_severity = chisel.request_field("syslog.severity.str")
  f_level = chisel.request_field("syslog.severity")
  f_message = chisel.request_field("syslog.message")
  f_name = chisel.request_field("proc.name")
  f_pid = chisel.request_field("proc.pid")
  f_container = chisel.request_field("container.name")
  f_tid = chisel.request_field("thread.tid")
  sysdig.set_snaplen(2000)
  chisel.set_filter("evt.is_io_write=true and evt.dir=< and fd.name contains /dev/log")
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
  local message = field(f_message)
  if message == nil then
    return false
  end
  local level = field(f_level) or 6
  local color = level <= LAST_ERROR and palette.red or level <= LAST_WARNING and palette.yellow or palette.green
  local container = containers and palette.blue .. printable(tostring(field(f_container))) .. " " or ""
  print(container .. color .. tostring(field(f_facility)) .. "." .. tostring(field(f_severity)) .. " "
    .. printable(tostring(field(f_name))) .. "[" .. tostring(field(f_pid)) .. "] " .. printable(message) .. palette.reset)
  if live then
    io.flush()
  end
  local s, ns = evt.get_ts()
  event_ranges.add(ranges, s, ns, field(f_tid))
  return false
end

function on_capture_end()
  event_ranges.save(ranges)
  return true
end
