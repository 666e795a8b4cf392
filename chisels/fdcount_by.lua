description = "How many file descriptors were in use, counted by any filter field: connections per process or address, open "
  .. "files per container. A descriptor is told apart by its number and name."
short_description = "FD count, aggregated by an arbitrary filter field"
category = "I/O"
args = {
  { name = "key", description = "the filter field to group by", argtype = "string" },
}

local key
local field = evt.field
local f_key, f_num, f_name

-- key -> fd number -> set of names
local seen = {}
local counts = {}

function on_set_arg(name, value)
  key = value
  return true
end

function on_init()
  f_key = chisel.request_field(key)
  f_num = chisel.request_field("fd.num")
  f_name = chisel.request_field("fd.name")
  chisel.set_filter("fd.num>0 and fd.name!=''")
  return true
end

function on_event()
  local group, num, name = field(f_key), field(f_num), field(f_name)
  if group == nil or num == nil or name == nil then
    return false
  end
  local numbers = seen[group]
  if numbers == nil then
    numbers = {}
    seen[group] = numbers
    counts[group] = 0
  end
  local names = numbers[num]
  if names == nil then
    names = {}
    numbers[num] = names
  end
  if names[name] == nil then
    names[name] = true
    counts[group] = counts[group] + 1
  end
  return false
end

function on_capture_end()
  local printable = require("terminal").printable()
  local groups = {}
  for group in pairs(counts) do
    groups[#groups + 1] = group
  end
  table.sort(groups, function(a, b)
    if counts[a] ~= counts[b] then
      return counts[a] > counts[b]
    end
    return tostring(a) < tostring(b)
  end)
  for i = 1, #groups do
    print(printable(tostring(groups[i])) .. "\t" .. counts[groups[i]])
  end
  return true
end
