-- Human units, the way sysdig writes them: 992.18KB, 1.44M, 258ms, 5.82ms, 0.30%.

local units = {}

local floor = math.floor
local format = string.format

local BYTE_STEPS = {
  { 1024 ^ 5, "P" },
  { 1024 ^ 4, "T" },
  { 1024 ^ 3, "G" },
  { 1024 ^ 2, "M" },
  { 1024, "KB" },
}

-- The same sizes come again and again.
local known, known_count = {}, 0

local function bytes_text(n)
  for i = 1, #BYTE_STEPS do
    local step = BYTE_STEPS[i]
    if n > step[1] then
      return format("%.2f%s", n / step[1], step[2])
    end
  end
  return format("%d", floor(n)) .. "B"
end

--- Bytes with two decimals above 1024 (1024 itself is still "1024B", as in sysdig).
function units.bytes(n)
  local text = known[n]
  if text == nil then
    if known_count == 4096 then
      known, known_count = {}, 0
    end
    text = bytes_text(n)
    known[n] = text
    known_count = known_count + 1
  end
  return text
end

-- ns in units of `unit` ns, with two decimals that are cut off, not rounded: 9.999 stays 9.99.
local function two_decimals(ns, unit)
  local whole = floor(ns / unit)
  return format("%d.%02d", whole, floor((ns - whole * unit) * 100 / unit))
end

--- A duration given in nanoseconds: two decimals below ten of a unit (and for seconds), whole numbers above.
function units.duration(ns)
  if ns >= 1e9 then
    return two_decimals(ns, 1e9) .. "s"
  end
  local unit, name
  if ns >= 1e6 then
    unit, name = 1e6, "ms"
  elseif ns >= 1e3 then
    unit, name = 1e3, "us"
  else
    return format("%d", floor(ns)) .. "ns"
  end
  if ns < 10 * unit then
    return two_decimals(ns, unit) .. name
  end
  return format("%d", floor(ns / unit)) .. name
end

--- A share of one CPU (or of any total), in percent.
function units.percent(part, whole)
  if whole <= 0 then
    return "0.00%"
  end
  return format("%.2f%%", part / whole * 100)
end

--- A number without exponent; fractions only if there are any.
function units.plain(n)
  if n == floor(n) and n < 1e15 and n > -1e15 then
    return format("%d", n)
  end
  return tostring(n)
end

return units
