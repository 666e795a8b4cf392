description = "Containers by the number of system calls in them that failed."
short_description = "Top containers by number of errors"
category = "Errors"
args = {}

require("top_table").define({
  keys = function()
    return { { "container.name", "container.name" } }
  end,
  value = { "evt.count", "#Errors" },
  unit = "none",
  top = 100,
  filter = "evt.failed=true and container.name!=host",
})
