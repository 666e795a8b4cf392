description = "Files by the number of system calls on them that failed. With -pc the columns show the "
  .. "container too."
short_description = "Top files by number of errors"
category = "Errors"
args = {}

require("top_table").define({
  keys = function(pc)
    if pc then
      return { { "fd.name", "Filename" }, { "container.name", "container.name" } }
    end
    return { { "fd.name", "Filename" } }
  end,
  value = { "evt.count", "#Errors" },
  unit = "none",
  top = 100,
  filter = "evt.failed=true and fd.type in (file, directory)",
})
