description = "The data that is read (red) and written (blue) through any descriptor, with the descriptor's name and the "
  .. "process. A filter keeps it readable. With -pc the container's name and id are shown, cyan, or green for the host."
short_description = "Print the data read and written by processes."
category = "I/O"
args = {
  { name = "disable_color", description = "Set to 'disable_colors' for output without colors", argtype = "string", optional = true },
}

local terminal = require "terminal"
local units = require "units"

local field = evt.field
local f_read, f_bytes, f_data, f_fd, f_name, f_id, f_container
local palette, printable, printable_lines, containers
-- What begins a line, stands before the container and before the fd: of reads and of writes.
local read_head, read_place, read_fd, write_head, write_place, write_fd
local colors_wanted = true

function on_set_arg(name, value)
  colors_wanted = not terminal.wants_no_color(value)
  return true
end

function on_init()
  containers = sysdig.is_print_container_data()
  palette = terminal.palette(colors_wanted)
  read_head, write_head = palette.red .. "------ Read ", palette.blue .. "------ Write "
  read_place, write_place = " from ", " to "
  read_fd, write_fd = " " .. palette.red .. " ", " " .. palette.blue .. " "
  printable = terminal.printable()
  printable_lines = terminal.printable_lines()
  f_read = chisel.request_field("evt.is_io_read")
  f_bytes = chisel.request_field("evt.rawarg.res")
  f_data = chisel.request_field("evt.arg.data")
  f_fd = chisel.request_field("fd.name")
  f_name = chisel.request_field("proc.name")
  if containers then
    f_id = chisel.request_field("container.id")
    f_container = chisel.request_field("container.name")
  end
  chisel.set_filter("evt.is_io=true and evt.dir=< and evt.rawres>0")
  return true
end

function on_event()
  local read = field(f_read)
  local container = ""
  if containers then
    local id = field(f_id)
    container = (id == "host" and palette.green or palette.cyan)
      .. " [" .. printable(tostring(field(f_container))) .. "] [" .. tostring(id) .. "]"
  end
  print((read and read_head or write_head) .. units.bytes(field(f_bytes)) .. (read and read_place or write_place)
    .. container .. (read and read_fd or write_fd)
    .. printable(field(f_fd) or "") .. " (" .. printable(tostring(field(f_name))) .. ")")
  -- copy_file_range and the like move bytes that no buffer shows.
  local data = field(f_data)
  if data ~= nil then
    print(printable_lines(data))
  end
  return false
end

function on_capture_end()
  print(terminal.colors.reset)
  return true
end
