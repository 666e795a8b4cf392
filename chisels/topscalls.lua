description = "The 30 system calls that are made most often. A filter narrows it to a process, a thread or "
  .. "a file. With -pc the columns show the container too."
short_description = "Top system calls by number of calls"
category = "Performance"
args = {}

require("top_table").define({
  keys = function(pc)
    if pc then
      return { { "evt.type", "Syscall" }, { "container.name", "container.name" } }
    end
    return { { "evt.type", "Syscall" } }
  end,
  value = { "evt.count", "# Calls" },
  unit = "none",
  top = 30,
  filter = "evt.type!=switch",
})
