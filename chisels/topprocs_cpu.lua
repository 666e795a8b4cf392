description = "Processes by the CPU time that they use, in percent of one core: live once a second, over the whole "
  .. "recording in files. With -pc the columns show both pids and the container."
short_description = "Top processes by CPU usage"
category = "CPU Usage"
args = {}

require("cpu_time").define({
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
  -- The pid, and the name: a shell that becomes another program by exec gets a row of its own.
  identity = function()
    return { 2, 1 }
  end,
  top = 10,
})
