description = "Everything that processes read from and write to files, or to one file, as text. Terminals are no files here."
short_description = "Echo any read/write made by any process to all files. Optionally, you can provide the name of one file to "
  .. "only intercept reads/writes to that file."
category = "I/O"
args = {
  { name = "read_or_write", description = "'R' shows reads only, 'W' writes only, 'RW' (the default) both", argtype = "string", optional = true },
  { name = "spy_on_file_name", description = "the name of the one file to show", argtype = "string", optional = true },
}

local terminal = require "terminal"
local units = require "units"

local DIRECTIONS = { R = " and evt.is_io_read=true", W = " and evt.is_io_write=true", RW = "" }

local field = evt.field
local f_time, f_name, f_pid, f_write, f_bytes, f_fd, f_data, f_raw
local printable, printable_lines
local direction = ""
local file = " and not fd.name startswith /dev/pts"

function on_set_arg(name, value)
  if name == "read_or_write" then
    direction = DIRECTIONS[string.upper(value)]
    if direction == nil then
      error("the first argument is R, W or RW, not '" .. value .. "'", 0)
    end
    return true
  end
  if string.find(value, '"', 1, true) and string.find(value, "'", 1, true) then
    error("a file name with both kinds of quotes cannot be searched", 0)
  end
  local quote = string.find(value, '"', 1, true) and "'" or '"'
  file = " and fd.name=" .. quote .. value .. quote
  return true
end

function on_init()
  printable = terminal.printable()
  printable_lines = terminal.printable_lines()
  sysdig.set_snaplen(1024)
  sysdig.set_output_format("ascii")
  f_time = chisel.request_field("evt.time")
  f_name = chisel.request_field("proc.name")
  f_pid = chisel.request_field("proc.pid")
  f_write = chisel.request_field("evt.is_io_write")
  f_bytes = chisel.request_field("evt.rawarg.res")
  f_fd = chisel.request_field("fd.name")
  f_data = chisel.request_field("evt.buffer")
  f_raw = chisel.request_field("evt.rawarg.data")
  chisel.set_filter("evt.is_io=true and evt.dir=< and evt.rawres>=0 and fd.type=file" .. direction .. file)
  return true
end

function on_event()
  -- Nothing moved, or moved without a buffer (copy_file_range): as text that would be NULL.
  local raw, data = field(f_raw), ""
  if raw ~= nil and raw ~= "" then
    data = field(f_data) or ""
  end
  print(field(f_time) .. " " .. printable(tostring(field(f_name))) .. "(" .. tostring(field(f_pid)) .. ") "
    .. (field(f_write) and "W " or "R ") .. units.bytes(field(f_bytes)) .. " " .. printable(field(f_fd) or "") .. " "
    .. printable_lines(data))
  if sysdig.is_live() then
    io.flush()
  end
  return false
end
