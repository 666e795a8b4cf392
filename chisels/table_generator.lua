description = "Sums a field by other fields and shows the largest sums. Made to be run by other chisels, through "
  .. "chisel.exec(\"table_generator\", ...)."
short_description = "Table of the largest sums of a field by other fields"
category = "Misc"
hidden = true
args = {
  { name = "keys", description = "the fields to group by, comma separated", argtype = "string" },
  { name = "keydescs", description = "their column titles, comma separated", argtype = "string" },
  { name = "value", description = "the field to sum", argtype = "string" },
  { name = "valuedesc", description = "its column title", argtype = "string" },
  { name = "filter", description = "the filter that events must pass", argtype = "string" },
  { name = "top_number", description = "how many rows to show", argtype = "string" },
  { name = "value_units", description = "none, bytes, time or timepct", argtype = "string" },
}

local given = {}
local spec = { value = {} }

local function words(text)
  local list = {}
  for word in string.gmatch(text, "[^,]+") do
    list[#list + 1] = word
  end
  return list
end

function on_set_arg(name, value)
  given[name] = value
  if name == "value" then
    spec.value[1] = value
  elseif name == "valuedesc" then
    spec.value[2] = value
  elseif name == "filter" then
    spec.filter = value
  elseif name == "top_number" then
    spec.top = tonumber(value)
    if spec.top == nil then
      error("the number of rows must be a number, not '" .. value .. "'", 0)
    end
  elseif name == "value_units" then
    spec.unit = value
  end
  return true
end

function spec.keys()
  local fields, titles = words(given.keys), words(given.keydescs)
  local keys = {}
  for i = 1, #fields do
    keys[i] = { fields[i], titles[i] or fields[i] }
  end
  return keys
end

require("top_table").define(spec)
