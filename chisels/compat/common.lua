-- For chisels written for sysdig: the global functions and constants that `require "common"` gives them, with the same
-- names, arguments and results. tsdig's own chisels do not use it.

local units = require "units"
local value_text = require "value_text"
local table_view = require "table_view"

json = require "dkjson"

ONE_S_IN_NS = 1000000000
ONE_MS_IN_NS = 1000000
ONE_US_IN_NS = 1000

-- Between the parts of a key made of several fields.
local SEPARATOR = "\001\001"

--- A value as text; with a name, as `name = value`.
function st(value, name)
  local text = value_text.show(value)
  if name ~= nil then
    return name .. " = " .. text
  end
  return text
end

--- Exactly n characters: padded with blanks, or cut with one blank at the end.
function extend_string(text, n)
  if #text < n then
    return text .. string.rep(" ", n - #text)
  end
  return string.sub(text, 1, n - 1) .. " "
end

--- The parts of a text between delimiters (a Lua pattern).
function split(text, delimiter)
  local parts, from = {}, 1
  while true do
    local at, to = string.find(text, delimiter, from)
    if at == nil or to < at then
      break
    end
    parts[#parts + 1] = string.sub(text, from, at - 1)
    from = to + 1
  end
  parts[#parts + 1] = string.sub(text, from)
  return parts
end

function starts_with(text, start)
  return string.sub(text, 1, #start) == start
end

function ends_with(text, ending)
  return ending == "" or string.sub(text, -#ending) == ending
end

function format_bytes(n)
  return units.bytes(n)
end

function format_time_interval(ns)
  return units.duration(ns)
end

--- Iterates over the first `max` pairs of a table, by falling value or by order(table, key_a, key_b).
function pairs_top_by_val(t, max, order)
  local keys = {}
  for key in pairs(t) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    if order ~= nil then
      return order(t, a, b)
    end
    return t[b] < t[a]
  end)
  local i = 0
  return function()
    i = i + 1
    if i <= max and keys[i] ~= nil then
      return keys[i], t[keys[i]]
    end
  end
end

--- Nanoseconds since 1970 as decimal text.
function ts_to_str(seconds, nanoseconds)
  return string.format("%d%09d", seconds, nanoseconds)
end

--- Prints sums by key as a table. info: key_fld and key_desc (arrays), value_fld, value_desc, value_units, top_number,
--- output_format ("json" or anything).
function print_sorted_table(sums, ts_s, ts_ns, elapsed, info)
  local keys = {}
  for i, name in ipairs(info.key_fld) do
    keys[i] = { name, info.key_desc[i] }
  end
  local rows = {}
  for key, value in pairs(sums) do
    local row = split(tostring(key), SEPARATOR)
    table.insert(row, 1, value)
    rows[#rows + 1] = row
  end
  local view = table_view.new({
    keys = keys,
    value = { info.value_fld, info.value_desc },
    unit = info.value_units,
    top = info.top_number,
  })
  view.safe = function(text) return text end
  view.as_json = info.output_format == "json"
  table_view.show(view, rows, ts_s, ts_ns, elapsed)
end

--- The number in a text; anything else ends the program with a message that names the argument.
function parse_numeric_input(value, name)
  local number = tonumber(value)
  if number == nil then
    print("Input " .. name .. " must be a number.")
    os.exit()
  end
  return number
end

--- A copy of a table and of the tables in it.
function copytable(value)
  if type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, member in pairs(value) do
    copy[copytable(key)] = copytable(member)
  end
  return setmetatable(copy, getmetatable(value))
end

--- The elements of the second array behind those of the first, which is changed and returned.
function concattable(first, second)
  for i = 1, #second do
    first[#first + 1] = second[i]
  end
  return first
end

function typeof(value)
  return type(value)
end
