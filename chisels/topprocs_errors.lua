description = "Processes by the number of their system calls that failed. With -pc the columns show both "
  .. "pids and the container."
short_description = "Top processes by number of errors"
category = "Errors"
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
  value = { "evt.count", "#Errors" },
  unit = "none",
  top = 100,
  filter = "evt.failed=true",
})
