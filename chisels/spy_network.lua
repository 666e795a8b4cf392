-- The payloads that go over sockets, for spy_ip and spy_port.

local terminal = require "terminal"
local units = require "units"

local spy_network = {}

--- Makes the running chisel print what is read (red) and written (blue). condition(value) gives the filter for the
--- value of the first argument, or nil and a message.
function spy_network.define(condition)
  local field = evt.field
  local f_read, f_bytes, f_data
  local palette, printable_lines, wanted
  local colors_wanted = true

  function on_set_arg(given, value)
    if given == "disable_color" then
      colors_wanted = not terminal.wants_no_color(value)
      return true
    end
    local message
    wanted, message = condition(value)
    if wanted == nil then
      error(message, 0)
    end
    return true
  end

  function on_init()
    palette = terminal.palette(colors_wanted)
    printable_lines = terminal.printable_lines()
    f_read = chisel.request_field("evt.is_io_read")
    f_bytes = chisel.request_field("evt.rawarg.res")
    f_data = chisel.request_field("evt.arg.data")
    sysdig.set_snaplen(1024)
    chisel.set_filter("evt.is_io=true and evt.dir=< and evt.rawres>0 and (fd.type=ipv4 or fd.type=ipv6) and " .. wanted)
    return true
  end

  function on_event()
    local data = field(f_data)
    if data == nil then
      return false
    end
    local read = field(f_read)
    print((read and palette.red or palette.blue) .. "------ " .. (read and "Read " or "Write ") .. units.bytes(field(f_bytes)))
    print(printable_lines(data))
    if sysdig.is_live() then
      io.flush()
    end
    return false
  end

  function on_capture_end()
    if colors_wanted then
      print(terminal.colors.reset)
    end
    return true
  end
end

return spy_network
