-- The bytes read and written per second, for iobytes, iobytes_file and iobytes_net.

local io_sums = {}

--- Makes the running chisel print a line of sums each second. filter restricts which descriptors count ("" = all).
function io_sums.define(filter)
  local field = evt.field
  local f_bytes, f_is_read
  local read, written = 0, 0

  function on_init()
    f_bytes = chisel.request_field("evt.rawarg.res")
    f_is_read = chisel.request_field("evt.is_io_read")
    local io_events = "evt.is_io=true and evt.dir=< and evt.rawres>0"
    chisel.set_filter(filter == "" and io_events or io_events .. " and " .. filter)
    chisel.set_interval_s(1)
    return true
  end

  function on_event()
    local bytes = field(f_bytes)
    if bytes == nil then
      return false
    end
    if field(f_is_read) then
      read = read + bytes
    else
      written = written + bytes
    end
    return false
  end

  function on_interval(ts_s)
    print(string.format("%s in:%d out:%d tot:%d", os.date("%H:%M:%S", ts_s), read, written, read + written))
    if sysdig.is_live() then
      io.flush()
    end
    read, written = 0, 0
    return true
  end
end

return io_sums
