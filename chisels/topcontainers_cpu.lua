description = "Containers by the CPU time that they use, in percent of one core (two busy cores are 200%)."
short_description = "Top containers by CPU usage"
category = "CPU Usage"
args = {}

require("cpu_time").define({
  keys = function()
    return { { "container.name", "container.name" } }
  end,
  identity = function()
    return { 1 }
  end,
  scope = "container.name!=host",
  top = 10,
})
