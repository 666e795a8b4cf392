-- Lua values as readable text, for showing data structures.

local value_text = {}

local function sorted_keys(value)
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    if type(a) == type(b) and type(a) ~= "table" and type(a) ~= "boolean" then
      return a < b
    end
    return tostring(a) < tostring(b)
  end)
  return keys
end

--- The value as text: tables one member per line, indented by `indent` blanks, strings quoted.
function value_text.show(value, indent, open)
  if type(value) == "string" then
    return string.format("%q", value)
  end
  if type(value) ~= "table" then
    return tostring(value)
  end
  open = open or {}
  if open[value] then
    return '"[a table that contains itself]"'
  end
  open[value] = true
  local blanks = string.rep(" ", indent or 0)
  local lines = { "{" }
  for _, key in ipairs(sorted_keys(value)) do
    lines[#lines + 1] = blanks .. " " .. tostring(key) .. " = " .. value_text.show(value[key], (indent or 0) + 1, open) .. ","
  end
  open[value] = nil
  lines[#lines + 1] = blanks .. "}"
  return table.concat(lines, "\n")
end

return value_text
