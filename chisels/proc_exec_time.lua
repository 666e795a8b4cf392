description = "Processes that have ended, with how long they lived and their arguments. Lines are blue for processes in "
  .. "containers and green for those of the host, yellow from 3 seconds on, red from 10 seconds on; with -pc there are "
  .. "columns for the container."
short_description = "Show process execution time"
category = "Performance"
args = {
  { name = "disable_color", description = "Set to 'disable_colors' for output without colors", argtype = "string", optional = true },
}

local terminal = require "terminal"
local units = require "units"

local YELLOW_FROM = 3e9
local RED_FROM = 10e9

local field = evt.field
local palette, printable, containers
local f_duration, f_name, f_args, f_id, f_container
local colors_wanted = true

function on_set_arg(name, value)
  colors_wanted = not terminal.wants_no_color(value)
  return true
end

function on_init()
  containers = sysdig.is_print_container_data()
  palette = terminal.palette(colors_wanted)
  printable = terminal.printable()
  f_duration = chisel.request_field("proc.duration")
  f_name = chisel.request_field("proc.name")
  f_args = chisel.request_field("proc.args")
  f_id = chisel.request_field("container.id")
  f_container = chisel.request_field("container.name")
  chisel.set_filter("evt.type=procexit")
  return true
end

function on_capture_start()
  local columns = containers and { "container.id         container.name       ", "-------------------- -------------------- " }
    or { "", "" }
  print("proc.duration " .. columns[1] .. "proc.name    proc.args")
  print("------------- " .. columns[2] .. "------------ --------------------")
  return true
end

function on_event()
  local column = terminal.column
  local duration = field(f_duration)
  if duration == nil then
    return false
  end
  local id = field(f_id)
  local color
  if duration >= RED_FROM then
    color = palette.red
  elseif duration >= YELLOW_FROM then
    color = palette.yellow
  else
    color = terminal.container_color(palette, id)
  end
  local line = color .. column(units.duration(duration), 13) .. " "
  if containers then
    line = line .. column(tostring(id), 20) .. " " .. column(printable(tostring(field(f_container))), 20) .. " "
  end
  print(line .. column(printable(tostring(field(f_name))), 12) .. " " .. printable(field(f_args) or ""))
  return false
end

function on_capture_end()
  print(terminal.colors.reset)
  return true
end
