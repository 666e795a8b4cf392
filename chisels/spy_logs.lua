description = "Every line that is written to a file with '.log' or '_log' in its name, with the process and the file: on a "
  .. "terminal green, yellow for warnings, red for errors. With -pc the container's name comes first. A filter such as "
  .. "proc.name=foo or 'evt.buffer contains foo' narrows it. The events around each line can be saved to a file."
short_description = "Echo any write made by any process to a log file. Optionally, export the events around each log message "
  .. "to file."
category = "Logs"

local terminal = require "terminal"
local event_ranges = require "event_ranges"

args = {
  event_ranges.args[1],
  event_ranges.args[2],
  { name = "disable_color", description = "Set to 'disable_colors' for output without colors", argtype = "string", optional = true },
}

local ERRORS = { "error", "fatal", "critical", "crit]", "emerg", "alert", "panic", "exception", "failed" }
local WARNINGS = { "warn" }

local ranges = event_ranges.new(false)
local colors_wanted = true
local field = evt.field
local f_name, f_fd, f_data, f_container, f_tid
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
  f_name = chisel.request_field("proc.name")
  f_fd = chisel.request_field("fd.name")
  f_data = chisel.request_field("evt.rawarg.data")
  f_container = chisel.request_field("container.name")
  f_tid = chisel.request_field("thread.tid")
  sysdig.set_snaplen(2000)
  chisel.set_filter("evt.is_io_write=true and evt.dir=< and evt.rawres>0 and fd.type=file and (fd.name contains .log or "
    .. "fd.name contains _log)")
  return true
end

function on_capture_start()
  local ok, message = event_ranges.check(ranges)
  if not ok then
    error(message, 0)
  end
  return true
end

local function contains_any(text, words)
  for i = 1, #words do
    if string.find(text, words[i], 1, true) then
      return true
    end
  end
  return false
end

local function color_of(line)
  if palette.reset == "" then
    return ""
  end
  local text = string.lower(line)
  if contains_any(text, ERRORS) then
    return palette.red
  end
  return contains_any(text, WARNINGS) and palette.yellow or palette.green
end

function on_event()
  local data, file = field(f_data), field(f_fd)
  if data == nil or file == nil then
    return false
  end
  local container = ""
  if containers then
    container = palette.blue .. printable(tostring(field(f_container))) .. " "
  end
  local source = printable(tostring(field(f_name))) .. " " .. printable(file) .. " "
  for line in string.gmatch(data, "[^\r\n]+") do
    print(container .. color_of(line) .. source .. printable(line) .. palette.reset)
  end
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
