description = "The containers that are running, with their engine, image, name and id."
short_description = "List the running containers"
category = "System State"
args = {
  { name = "desc", description = "print the list as a data structure (any value will do)", argtype = "string", optional = true },
}

local as_structure = false

function on_set_arg(name, value)
  as_structure = true
  return true
end

-- Least widths: with short names the table looks the same on every machine.
local COLUMNS = {
  { "type", "container.type", 14 },
  { "image", "container.image", 15 },
  { "name", "container.name", 19 },
  { "id", "container.id", 12 },
}

local function show()
  local containers = sysdig.get_container_table()
  if as_structure then
    print(require("value_text").show(containers))
    return
  end
  local terminal = require "terminal"
  local printable = terminal.printable()
  local widths = {}
  for c, column in ipairs(COLUMNS) do
    widths[c] = column[3]
    for _, container in ipairs(containers) do
      widths[c] = math.max(widths[c], #printable(container[column[1]]))
    end
  end
  local titles, rule = "", ""
  for c, column in ipairs(COLUMNS) do
    titles = titles .. terminal.column(column[2], widths[c]) .. " "
    rule = rule .. string.rep("-", widths[c]) .. " "
  end
  print(titles)
  print(rule)
  for _, container in ipairs(containers) do
    local line = ""
    for c, column in ipairs(COLUMNS) do
      line = line .. terminal.column(printable(container[column[1]]), widths[c]) .. " "
    end
    print(line)
  end
end

require("snapshot").define(show)
