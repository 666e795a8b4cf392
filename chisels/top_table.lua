-- The life of every "top" chisel: sum a value by keys, show the largest sums once a second (live) or at the end (file).
-- `define` sets the global callbacks of the chisel that calls it.

local table_view = require "table_view"

local top_table = {}

-- Sums are nested tables, one level per key: two look-ups cost less than building a joined key string per event.
local function adder(handles, value_handle)
  local field = evt.field
  local sums = {}
  local function reset()
    sums = {}
  end
  local function current()
    return sums
  end
  local h1, h2, h3, h4 = handles[1], handles[2], handles[3], handles[4]
  local add
  if #handles == 1 then
    add = function()
      local value = field(value_handle)
      if value == nil then return false end
      local k1 = field(h1)
      if k1 == nil then return false end
      sums[k1] = (sums[k1] or 0) + value
      return false
    end
  elseif #handles == 2 then
    add = function()
      local value = field(value_handle)
      if value == nil then return false end
      local k1, k2 = field(h1), field(h2)
      if k1 == nil or k2 == nil then return false end
      local level = sums[k1]
      if level == nil then
        level = {}
        sums[k1] = level
      end
      level[k2] = (level[k2] or 0) + value
      return false
    end
  elseif #handles == 4 then
    -- Processes in containers: the second key (the host pid) nearly always decides, so it comes first.
    add = function()
      local value = field(value_handle)
      if value == nil then return false end
      local k1, k2, k3, k4 = field(h1), field(h2), field(h3), field(h4)
      if k1 == nil or k2 == nil or k3 == nil or k4 == nil then return false end
      local a = sums[k1]
      if a == nil then a = {} sums[k1] = a end
      local b = a[k2]
      if b == nil then b = {} a[k2] = b end
      local c = b[k3]
      if c == nil then c = {} b[k3] = c end
      c[k4] = (c[k4] or 0) + value
      return false
    end
  else
    local count = #handles
    add = function()
      local value = field(value_handle)
      if value == nil then return false end
      local keys = {}
      for i = 1, count do
        local key = field(handles[i])
        if key == nil then return false end
        keys[i] = key
      end
      local level = sums
      for i = 1, count - 1 do
        local next_level = level[keys[i]]
        if next_level == nil then
          next_level = {}
          level[keys[i]] = next_level
        end
        level = next_level
      end
      level[keys[count]] = (level[keys[count]] or 0) + value
      return false
    end
  end
  return add, reset, current
end

local function flatten(level, depth, path, rows)
  for key, below in pairs(level) do
    path[depth] = key
    if type(below) == "table" then
      flatten(below, depth + 1, path, rows)
    else
      local row = { below }
      for i = 1, depth do
        row[i + 1] = tostring(path[i])
      end
      rows[#rows + 1] = row
    end
  end
  return rows
end

--- The keys of tables of processes.
function top_table.processes(pc)
  if pc then
    return {
      { "proc.name", "Process" },
      { "proc.pid", "Host_pid" },
      { "proc.vpid", "Container_pid" },
      { "container.name", "container.name" },
    }
  end
  return { { "proc.name", "Process" }, { "proc.pid", "PID" } }
end

--- The keys of tables by one field, behind which -pc puts the container.
function top_table.by(field, title)
  return function(pc)
    return { { field, title }, pc and { "container.name", "container.name" } or nil }
  end
end

--- Nanoseconds between two times given as seconds and nanoseconds.
local function between(from_s, from_ns, to_s, to_ns)
  return (to_s - from_s) * 1e9 + (to_ns - from_ns)
end

--- Seconds and nanoseconds of the first event (a decimal string of ns, too large for a number).
local function first_event_time()
  local text = sysdig.get_firstevent_ts()
  return tonumber(string.sub(text, 1, -10)) or 0, tonumber(string.sub(text, -9)) or 0
end

--- To be called in on_init. Sets on_capture_start, on_interval and on_capture_end so that `view` shows collect() once
--- a second or at the end.
--- collect(ts_s, ts_ns, elapsed) gives the rows and forgets them.
function top_table.drive(view, collect)
  local last_s, last_ns

  if sysdig.is_live() then
    chisel.set_interval_s(1)
  end

  function on_capture_start()
    table_view.open(view)
    return true
  end

  function on_interval(ts_s, ts_ns, delta)
    if delta == 0 then
      if last_s == nil then
        last_s, last_ns = first_event_time()
      end
      delta = between(last_s, last_ns, ts_s, ts_ns)
    end
    last_s, last_ns = ts_s, ts_ns
    table_view.show(view, collect(ts_s, ts_ns, delta), ts_s, ts_ns, delta)
    return true
  end

  function on_capture_end(ts_s, ts_ns, delta)
    -- Live tables were shown second by second; what is left is the last, broken second.
    if not sysdig.is_live() then
      table_view.show(view, collect(ts_s, ts_ns, delta), ts_s, ts_ns, delta)
    elseif not view.live_screen then
      local elapsed = last_s and between(last_s, last_ns, ts_s, ts_ns) or delta
      local rows = collect(ts_s, ts_ns, elapsed)
      if #rows > 0 or view.shown == 0 then
        table_view.show(view, rows, ts_s, ts_ns, elapsed)
      end
    end
    table_view.close(view)
    return true
  end
end

--- Makes the running chisel a top list. spec: keys(pc) -> array of {field, title}; value = {field, title}; unit; top;
--- live_top; filter (text, the fewer events the better); pc = whether -pc asks for container columns.
function top_table.define(spec)
  -- Hosts ask at load time whether there is an on_event, and look it up by name once on_init has run: there the
  -- fast closure takes this one's place.
  function on_event()
    return false
  end

  function on_init()
    local keys = spec.keys(sysdig.is_print_container_data())
    local handles = {}
    for i = 1, #keys do
      handles[i] = chisel.request_field(keys[i][1])
    end
    local add, reset, current = adder(handles, chisel.request_field(spec.value[1]))
    if spec.filter and spec.filter ~= "" then
      chisel.set_filter(spec.filter)
    end

    on_event = add

    local view = table_view.new({
      keys = keys,
      value = spec.value,
      unit = spec.unit,
      top = spec.top,
      live_top = spec.live_top,
    })
    top_table.drive(view, function()
      local rows = flatten(current(), 1, {}, {})
      reset()
      return rows
    end)
    return true
  end
end

return top_table
