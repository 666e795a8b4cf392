-- What a chisel needs to know of the terminal: colours, safe text, display width, a screen that redraws in place.

local terminal = {}

local ESC = "\27"
local floor = math.floor

terminal.colors = {
  reset = ESC .. "[0m",
  red = ESC .. "[31m",
  green = ESC .. "[32m",
  yellow = ESC .. "[33m",
  blue = ESC .. "[34m",
  cyan = ESC .. "[36m",
}

local NO_COLORS = { reset = "", red = "", green = "", yellow = "", blue = "", cyan = "" }

--- The colours, or the same names with empty strings.
function terminal.palette(enabled)
  return enabled and terminal.colors or NO_COLORS
end

local NAMED = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\27"] = "\\e" }

local function escape_byte(c)
  return NAMED[c] or string.format("\\x%02x", string.byte(c))
end

-- Length of the UTF-8 sequence that starts at i, or nil if the bytes there are not valid UTF-8.
local function sequence_length(text, i)
  local lead = string.byte(text, i)
  local extra, low, high = nil, 0x80, 0xbf
  if lead >= 0xc2 and lead <= 0xdf then
    extra = 1
    -- U+0080..U+009F are control characters too (C1): treated as invalid, so that they get escaped.
    if lead == 0xc2 then low = 0xa0 end
  elseif lead >= 0xe0 and lead <= 0xef then
    extra = 2
    if lead == 0xe0 then low = 0xa0 end
    if lead == 0xed then high = 0x9f end
  elseif lead >= 0xf0 and lead <= 0xf4 then
    extra = 3
    if lead == 0xf0 then low = 0x90 end
    if lead == 0xf4 then high = 0x8f end
  else
    return nil
  end
  for k = 1, extra do
    local b = string.byte(text, i + k)
    if not b or b < low or b > high then
      return nil
    end
    low, high = 0x80, 0xbf
  end
  return extra + 1
end

--- Text that cannot steer a terminal: control characters and invalid UTF-8 become \n, \t, \e, \x9b ...
function terminal.visible(text)
  if not string.find(text, "[%c\128-\255]") then
    return text
  end
  local out, n = {}, 0
  local i, size = 1, #text
  while i <= size do
    local stop = string.find(text, "[%c\128-\255]", i)
    if not stop then
      n = n + 1
      out[n] = string.sub(text, i)
      break
    end
    if stop > i then
      n = n + 1
      out[n] = string.sub(text, i, stop - 1)
    end
    local length = string.byte(text, stop) >= 0x80 and sequence_length(text, stop) or nil
    n = n + 1
    if length then
      out[n] = string.sub(text, stop, stop + length - 1)
      i = stop + length
    else
      out[n] = escape_byte(string.sub(text, stop, stop))
      i = stop + 1
    end
  end
  return table.concat(out)
end

--- `visible` if output goes to a terminal, else a function that leaves bytes alone (pipes get what was captured).
function terminal.printable()
  if sysdig.is_tty() then
    return terminal.visible
  end
  return function(text) return text end
end

--- `visible`, but line breaks and tabs stay what they are: for payloads of many lines.
function terminal.visible_lines(text)
  return (string.gsub(text, "[^\n\t]+", terminal.visible))
end

--- `visible_lines` if output goes to a terminal, else a function that leaves bytes alone.
function terminal.printable_lines()
  if sysdig.is_tty() then
    return terminal.visible_lines
  end
  return function(text) return text end
end

-- First and last code point of the ranges that take two columns (East Asian wide, emoji), and of those that take none.
local WIDE = {
  { 0x1100, 0x115f }, { 0x2e80, 0x303e }, { 0x3041, 0x33ff }, { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },
  { 0xa000, 0xa4cf }, { 0xac00, 0xd7a3 }, { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 },
  { 0xffe0, 0xffe6 }, { 0x1f300, 0x1f64f }, { 0x1f900, 0x1f9ff }, { 0x20000, 0x3fffd },
}
local ZERO = { { 0x300, 0x36f }, { 0x200b, 0x200f }, { 0x20d0, 0x20ff }, { 0xfe00, 0xfe0f } }

local function in_ranges(ranges, code)
  for i = 1, #ranges do
    if code >= ranges[i][1] and code <= ranges[i][2] then
      return true
    end
  end
  return false
end

local function columns_of(code)
  if code < 0x300 then return 1 end
  if in_ranges(ZERO, code) then return 0 end
  if in_ranges(WIDE, code) then return 2 end
  return 1
end

-- Cuts text to at most `limit` columns; returns the cut text and its columns.
local function cut(text, limit)
  if not string.find(text, "[\128-\255]") then
    if #text <= limit then return text, #text end
    return string.sub(text, 1, limit), limit
  end
  local used, i, size = 0, 1, #text
  while i <= size do
    local b = string.byte(text, i)
    local length, code = 1, b
    if b >= 0xc2 then
      length = sequence_length(text, i) or 1
      if length == 2 then
        code = (b - 0xc0) * 64 + string.byte(text, i + 1) - 0x80
      elseif length == 3 then
        code = (b - 0xe0) * 4096 + (string.byte(text, i + 1) - 0x80) * 64 + string.byte(text, i + 2) - 0x80
      elseif length == 4 then
        code = (b - 0xf0) * 262144 + (string.byte(text, i + 1) - 0x80) * 4096
          + (string.byte(text, i + 2) - 0x80) * 64 + string.byte(text, i + 3) - 0x80
      end
    end
    local wide = columns_of(code)
    if used + wide > limit then
      return string.sub(text, 1, i - 1), used
    end
    used = used + wide
    i = i + length
  end
  return text, used
end

--- Columns that the text takes on a terminal.
function terminal.width(text)
  local _, used = cut(text, 1e9)
  return used
end

--- Exactly `columns` wide: cut (with `…` as the mark) or padded, on the left if `right` is true.
function terminal.fit(text, columns, right)
  local kept, used = cut(text, columns)
  if #kept < #text and columns > 1 then
    kept, used = cut(text, columns - 1)
    kept, used = kept .. "…", used + 1
  end
  local pad = string.rep(" ", columns - used)
  return right and pad .. kept or kept .. pad
end

--- Size of the terminal, 80 × 24 where it cannot be told.
function terminal.size()
  local info = sysdig.get_terminal_info and sysdig.get_terminal_info() or {}
  local width, height = info.width or -1, info.height or -1
  return width > 0 and floor(width) or 80, height > 0 and floor(height) or 24
end

--- Text cut or padded to `columns` bytes, as %-N.Ns does it.
function terminal.column(text, columns)
  if #text >= columns then
    return string.sub(text, 1, columns)
  end
  return text .. string.rep(" ", columns - #text)
end

--- Container columns of line-by-line chisels: blue stands for a container, green for the host.
function terminal.container_color(palette, container_id)
  return container_id == "host" and palette.green or palette.blue
end

--- Ends colored output: on a terminal only, so that pipes get no line that is no record.
function terminal.reset_color()
  if sysdig.is_tty() then
    io.write(terminal.colors.reset)
    io.flush()
  end
end

--- A `disable_color` argument: true if it asks for plain output.
function terminal.wants_no_color(value)
  return value == "disable_colors" or value == "disable_color"
end

local painted = false

--- Shows the lines from the top of the screen on. One write per frame, and every line clears only what is behind
--- it: nothing blinks.
function terminal.redraw(lines)
  local frame = {}
  if not painted then
    painted = true
    frame[1] = ESC .. "[?25l" .. ESC .. "[2J"
  end
  frame[#frame + 1] = ESC .. "[H"
  frame[#frame + 1] = table.concat(lines, ESC .. "[K\n")
  frame[#frame + 1] = ESC .. "[K\n" .. ESC .. "[J"
  io.write(table.concat(frame))
  io.flush()
end

--- Gives the cursor back after `redraw`.
function terminal.restore()
  if painted then
    painted = false
    io.write(terminal.colors.reset .. ESC .. "[?25h")
    io.flush()
  end
end

return terminal
