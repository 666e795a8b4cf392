description = "The 30 system calls in which most time is spent. A filter narrows it to a process, a thread "
  .. "or a file. With -pc the columns show the container too."
short_description = "Top system calls by time"
category = "Performance"
args = {}

require("top_table").define({
  keys = function(pc)
    if pc then
      return { { "evt.type", "Syscall" }, { "container.name", "container.name" } }
    end
    return { { "evt.type", "Syscall" } }
  end,
  value = { "evt.latency", "Time" },
  unit = "time",
  top = 30,
  filter = "evt.dir=<",
})
