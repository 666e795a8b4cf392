-- Prints what processes move through one of their standard descriptors: stdin, stdout and stderr.

local terminal = require "terminal"

local standard_stream = {}

--- Makes the running chisel print the data of descriptor `fd`. With `columns` true, -pc puts the container before it.
function standard_stream.define(fd, columns)
  local field = evt.field
  local f_data, f_id, f_container
  local printable, palette
  local colors_wanted = true
  local show_container = false

  function on_set_arg(name, value)
    colors_wanted = not terminal.wants_no_color(value)
    return true
  end

  function on_init()
    show_container = columns and sysdig.is_print_container_data()
    palette = terminal.palette(colors_wanted)
    printable = terminal.printable_lines()
    f_data = chisel.request_field("evt.rawarg.data")
    f_id = chisel.request_field("container.id")
    f_container = chisel.request_field("container.name")
    chisel.set_filter("fd.num=" .. fd .. " and evt.is_io=true and evt.dir=<")
    -- Lines of a screen or a pipe should come whole.
    sysdig.set_snaplen(2000)
    return true
  end

  function on_event()
    local data = field(f_data)
    if data == nil then
      return false
    end
    data = printable(data)
    if show_container then
      local id = field(f_id)
      data = terminal.container_color(palette, id) .. terminal.column(tostring(id), 20) .. " "
        .. terminal.column(terminal.printable()(tostring(field(f_container))), 20) .. " " .. data
    end
    print(data)
    if sysdig.is_live() then
      io.flush()
    end
    return false
  end

  function on_capture_end()
    if show_container and colors_wanted then
      terminal.reset_color()
    end
    return true
  end
end

return standard_stream
