description = "Processes by the bytes that they send and receive over IP sockets. With -pc the columns "
  .. "show both pids and the container."
short_description = "Top processes by network I/O"
category = "Net"
args = {}

require("top_table").define({
  keys = function(pc)
    if pc then
      return {
        { "proc.name", "Process" },
        { "proc.pid", "Host_pid" },
        { "proc.vpid", "Container_pid" },
        { "container.name", "container.name" },
      }
    end
    return { { "proc.name", "Process" }, { "proc.pid", "PID" } }
  end,
  value = { "evt.rawarg.res", "Bytes" },
  unit = "bytes",
  top = 100,
  filter = "evt.is_io=true and evt.dir=< and evt.rawres>0 and (fd.type=ipv4 or fd.type=ipv6)",
})
