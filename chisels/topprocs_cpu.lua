description = "Processes by the CPU time that they use, in percent of one core: live once a second, over the whole "
  .. "recording in files. With -pc the columns show both pids and the container."
short_description = "Top processes by CPU usage"
category = "CPU Usage"
args = {}

local top_table = require "top_table"

require("cpu_time").define({
  keys = top_table.processes,
  -- The pid, and the name: a shell that becomes another program by exec gets a row of its own.
  identity = function()
    return { 2, 1 }
  end,
  top = 10,
})
