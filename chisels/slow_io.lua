-- The common part of fileslower and netlower: I/O calls that took at least so many milliseconds, one line each.

local terminal = require "terminal"

local slow_io = {}

--- Arguments of both chisels.
slow_io.args = {
  { name = "min_ms", description = "show calls that take at least this many milliseconds", argtype = "int" },
  { name = "disable_color", description = "Set to 'disable_colors' for output without colors", argtype = "string", optional = true },
}

--- Makes the running chisel show the I/O calls that pass `filter`. what names it in errors.
function slow_io.define(what, filter)
  local field = evt.field
  local floor = math.floor
  local min_ms = 0
  local palette, printable, containers
  local f_time, f_name, f_type, f_latency, f_fd, f_id, f_container
  local colors_wanted = true

  function on_set_arg(name, value)
    if name == "disable_color" then
      colors_wanted = not terminal.wants_no_color(value)
      return true
    end
    min_ms = tonumber(value)
    if min_ms == nil then
      error("min_ms must be a number, not '" .. value .. "'", 0)
    end
    return true
  end

  function on_init()
    containers = sysdig.is_print_container_data()
    palette = terminal.palette(colors_wanted)
    printable = terminal.printable()
    f_time = chisel.request_field("evt.datetime")
    f_name = chisel.request_field("proc.name")
    f_type = chisel.request_field("evt.type")
    f_latency = chisel.request_field("evt.latency")
    f_fd = chisel.request_field("fd.name")
    f_id = chisel.request_field("container.id")
    f_container = chisel.request_field("container.name")
    chisel.set_filter("evt.is_io=true and evt.dir=< and evt.latency>=" .. string.format("%d", min_ms * 1e6) .. " and " .. filter)
    return true
  end

  function on_capture_start()
    local head, rule = "evt.datetime            ", "----------------------- "
    if containers then
      head = head .. "container.id         container.name       "
      rule = rule .. "-------------------- -------------------- "
    end
    print(head .. "proc.name    evt.type LATENCY(ms)  fd.name")
    print(rule .. "------------ -------- ------------ -----------------------------------------")
    return true
  end

  function on_event()
    local column = terminal.column
    local id = field(f_id)
    local line = terminal.container_color(palette, id) .. column(field(f_time), 23) .. " "
    if containers then
      line = line .. column(tostring(id), 20) .. " " .. column(printable(tostring(field(f_container))), 20) .. " "
    end
    line = line .. string.format("%s %-8s %12d %s", column(printable(tostring(field(f_name))), 12), field(f_type),
      floor(field(f_latency) / 1e6), printable(field(f_fd) or ""))
    print(line)
    return false
  end

  function on_capture_end()
    if colors_wanted then
      terminal.reset_color()
    end
    return true
  end
end

return slow_io
