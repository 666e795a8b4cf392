-- Rows of colored cells on a terminal, for spectrogram and subsecoffset: a row per period, a cell per bucket, the color
-- tells how many calls fell into it (per second): black none, green tens, yellow hundreds, red thousands.

local terminal = require "terminal"

local heat_map = {}

-- 256-color backgrounds from dark green over yellow to red; each step is about 1.5 times the one before.
local SHADES = { 22, 28, 34, 40, 46, 118, 154, 190, 226, 220, 214, 208, 202, 196, 160 }

local function shade_of(count, per_second)
  if count == 0 then
    return nil
  end
  local level = math.floor(math.log(count * per_second) / math.log(1.85)) + 1
  if level < 1 then
    level = 1
  end
  return SHADES[level] or SHADES[#SHADES]
end

--- False after a message if output is no terminal.
function heat_map.check()
  if sysdig.is_tty() then
    return true
  end
  print("This chisel only works on ANSI terminals. Aborting.")
  return false
end

--- Columns that a row may take.
function heat_map.columns()
  local columns = terminal.size()
  return math.max(20, columns - 1)
end

--- Prints a row. counts[i] for i = 1..columns (nil = 0); seconds = how long the row lasted.
function heat_map.row(counts, columns, seconds)
  local parts, last = {}, nil
  for i = 1, columns do
    local shade = shade_of(counts[i] or 0, 1 / seconds)
    if shade ~= last then
      parts[#parts + 1] = shade and "\27[48;5;" .. shade .. "m" or "\27[0m"
      last = shade
    end
    parts[#parts + 1] = " "
  end
  parts[#parts + 1] = "\27[0m\n"
  -- The scale stays below: the row takes its line, heat_map.scale paints it again one further down.
  io.write("\r\27[K" .. table.concat(parts))
end

--- Prints the scale under the rows: labels = array of { column, text }.
function heat_map.scale(labels, columns)
  local line, used = "", 0
  for _, label in ipairs(labels) do
    local at = label[1]
    if at >= used and at + #label[2] + 1 <= columns then
      line = line .. string.rep(" ", at - used) .. "|" .. label[2]
      used = at + #label[2] + 1
    end
  end
  io.write("\27[K" .. line .. "\r")
  io.flush()
end

--- Prints what the colors mean.
function heat_map.legend()
  local function sample(shade, text)
    return "\27[48;5;" .. shade .. "m  \27[0m " .. text .. "  "
  end
  io.write("calls per second: " .. sample(SHADES[3], "tens") .. sample(SHADES[8], "hundreds") .. sample(SHADES[14], "thousands") .. "\n")
end

--- Leaves the scale in place and the cursor below it.
function heat_map.close()
  io.write("\27[0m\n")
  io.flush()
end

--- A refresh time in ms from an argument, or nil after a message.
function heat_map.milliseconds(what, value)
  local ms = tonumber(value)
  if ms == nil or ms <= 0 then
    print(what .. ": the refresh time must be a number of milliseconds, not '" .. value .. "'")
    return nil
  end
  return ms
end

return heat_map
