-- Shows rows of a value and its keys: as a live screen on a terminal, as sysdig's text table in files and pipes, as
-- one line of JSON per table with -j.

local units = require "units"
local terminal = require "terminal"
local json_text = require "json_text"

local table_view = {}

-- sysdig's tables: columns of 20 characters, a rule of 80 dashes whatever the width.
local COLUMN = 20
local RULE = string.rep("-", 80)

local function padded(text)
  if #text < COLUMN then
    return text .. string.rep(" ", COLUMN - #text)
  end
  return string.sub(text, 1, COLUMN - 1) .. " "
end

local RENDER = {
  bytes = function(value) return units.bytes(value) end,
  time = function(value) return units.duration(value) end,
  timepct = function(value, elapsed) return units.percent(value, elapsed) end,
}

local function plain_value(value)
  return units.plain(value)
end

--- A view. spec: keys = array of {field, title}, value = {field, title}, unit ("bytes", "time", "timepct", "none"),
--- top = most rows of a file's table, live_top = most rows of a live one (default: top; a screen shows what fits).
function table_view.new(spec)
  return {
    keys = spec.keys,
    value = spec.value,
    render = RENDER[spec.unit] or plain_value,
    top = spec.top,
    live_top = spec.live_top or spec.top,
    shown = 0,
    live_screen = false,
    as_json = false,
    to_tty = false,
  }
end

--- To be called in on_capture_start: chooses how to show.
function table_view.open(view)
  view.as_json = sysdig.get_output_format() == "json"
  view.to_tty = sysdig.is_tty()
  view.live_screen = sysdig.is_live() and view.to_tty and not view.as_json
  if view.live_screen then
    view.top = 1e9
  elseif sysdig.is_live() then
    view.top = view.live_top
  end
  view.safe = view.to_tty and terminal.visible or function(text) return text end
end

local function by_value(a, b)
  if a[1] ~= b[1] then
    return a[1] > b[1]
  end
  for i = 2, #a do
    if a[i] ~= b[i] then
      return a[i] < b[i]
    end
  end
  return false
end

-- Sorts rows by falling value, then by key so that equal rows keep their places from frame to frame.
local function top_rows(view, rows)
  table.sort(rows, by_value)
  for i = #rows, view.top + 1, -1 do
    rows[i] = nil
  end
  return rows
end

local function print_text(view, rows, elapsed)
  local keys, safe, render = view.keys, view.safe, view.render
  if view.shown > 0 then
    print("")
  end
  view.shown = view.shown + 1
  local head = { padded(view.value[2]) }
  for i = 1, #keys do
    head[i + 1] = padded(keys[i][2])
  end
  print(table.concat(head))
  print(RULE)
  for r = 1, #rows do
    local row = rows[r]
    local cells = { padded(render(row[1], elapsed)) }
    for i = 1, #keys do
      local text = safe(row[i + 1])
      cells[i + 1] = i < #keys and padded(text) or text
    end
    print(table.concat(cells))
  end
end

local function print_json(view, rows, ts_s, ts_ns)
  local info, data = {}, {}
  for i = 1, #view.keys do
    info[i] = { name = view.keys[i][1], desc = view.keys[i][2], is_key = true }
  end
  info[#info + 1] = { name = view.value[1], desc = view.value[2], is_key = false }
  for r = 1, #rows do
    local row, record = rows[r], {}
    for i = 2, #row do
      record[i - 1] = row[i]
    end
    record[#record + 1] = row[1]
    data[r] = record
  end
  local ts = string.format("%d%09d", ts_s or 0, ts_ns or 0)
  print(json_text.encode({ ts = ts, data = data, info = info }, { keyorder = { "ts", "info", "data", "name", "desc" } }))
end

local RIGHT_ALIGNED = { ["proc.pid"] = true, ["proc.vpid"] = true, ["thread.tid"] = true, ["thread.vtid"] = true,
  ["fd.sport"] = true, ["fd.port"] = true, ["fd.cport"] = true, ["evt.cpu"] = true }

-- Widths that the columns need, then the widest ones give way until all fit.
local function fit_widths(wanted, room)
  local widths, total = {}, 0
  for i = 1, #wanted do
    widths[i] = wanted[i]
    total = total + wanted[i]
  end
  while total > room do
    local widest = 1
    for i = 2, #widths do
      if widths[i] > widths[widest] then widest = i end
    end
    if widths[widest] <= 4 then
      break
    end
    widths[widest] = widths[widest] - 1
    total = total - 1
  end
  return widths
end

local GAP = "  "

local function draw(view, rows, ts_s, elapsed)
  local columns, lines_fit = terminal.size()
  local keys, safe, render = view.keys, view.safe, view.render
  local cells, wanted = {}, { terminal.width(view.value[2]) }
  for i = 1, #keys do
    wanted[i + 1] = terminal.width(keys[i][2])
  end
  -- Header, rule and the last line's end take three of the lines.
  local count = math.min(#rows, math.max(1, lines_fit - 3))
  for r = 1, count do
    local row = rows[r]
    local line = { render(row[1], elapsed) }
    for i = 2, #row do
      line[i] = safe(row[i])
    end
    for i = 1, #line do
      wanted[i] = math.max(wanted[i], terminal.width(line[i]))
    end
    cells[r] = line
  end
  -- A steady width for the value keeps the columns from jumping as the numbers change.
  wanted[1] = math.max(wanted[1], 10)
  local widths = fit_widths(wanted, columns - #GAP * #keys)
  local function line_of(texts)
    local parts = { terminal.fit(texts[1], widths[1], true) }
    for i = 1, #keys do
      parts[i + 1] = terminal.fit(texts[i + 1], widths[i + 1], RIGHT_ALIGNED[keys[i][1]])
    end
    return (string.gsub(table.concat(parts, GAP), " +$", ""))
  end
  local titles = { view.value[2] }
  for i = 1, #keys do
    titles[i + 1] = keys[i][2]
  end
  local lines = { line_of(titles), string.rep("-", columns) }
  for r = 1, count do
    lines[#lines + 1] = line_of(cells[r])
  end
  if count == 0 then
    local notice = "(nothing matched in the second up to " .. os.date("%H:%M:%S", ts_s) .. ")"
    lines[#lines + 1] = (string.gsub(terminal.fit(notice, columns), " +$", ""))
  end
  terminal.redraw(lines)
end

--- Shows one table. rows: array of {value, key1, key2, ...}, keys as strings; elapsed in ns (for percentages).
function table_view.show(view, rows, ts_s, ts_ns, elapsed)
  top_rows(view, rows)
  if view.as_json then
    print_json(view, rows, ts_s, ts_ns)
  elseif view.live_screen then
    draw(view, rows, ts_s, elapsed)
  else
    print_text(view, rows, elapsed)
    if not sysdig.is_live() and #rows == 0 and view.to_tty then
      print("(nothing matched)")
    end
  end
end

--- To be called in on_capture_end: leaves the terminal as it was.
function table_view.close(view)
  if view.live_screen then
    terminal.restore()
  end
end

return table_view
