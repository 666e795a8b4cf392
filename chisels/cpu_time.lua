-- CPU time per process or container, for topprocs_cpu and topcontainers_cpu.
--
-- Two kinds of events tell it: `switch` carries the exact time of the slice that just ended (thread.exectime), and
-- `procinfo`, which stands in recordings once a second, a sample per thread in percent (thread.cpu).
-- Where samples are there they are what counts, so that the figures of a recording are those that sysdig shows.

local table_view = require "table_view"
local top_table = require "top_table"

local cpu_time = {}

local NS_PER_PERCENT = 1e7

--- Makes the running chisel a CPU top list.
--- spec: keys(pc) -> array of {field, title}, identity(keys) -> indexes of the keys that tell rows apart (two at most),
--- scope = a filter that all events must pass, top = most rows.
function cpu_time.define(spec)
  -- Hosts ask at load time whether there is an on_event; on_init puts the real one here.
  function on_event()
    return false
  end

  function on_init()
    local keys = spec.keys(sysdig.is_print_container_data())
    local handles = {}
    for i = 1, #keys do
      handles[i] = chisel.request_field(keys[i][1])
    end
    local ids = spec.identity(keys)
    local id1, id2 = handles[ids[1]], ids[2] and handles[ids[2]]
    local live = sysdig.is_live()
    local slice_handle = chisel.request_field("thread.exectime")
    -- Live the slices are there, and nobody has to take samples.
    local sample_handle = not live and chisel.request_field("thread.cpu")
    local pid_handle = chisel.request_field("proc.pid")
    local tid_handle = chisel.request_field("thread.tid")

    local filter = live and "evt.type in (switch, procexit)" or "evt.type in (switch, procinfo, procexit)"
    if spec.scope then
      filter = filter .. " and " .. spec.scope
    end
    chisel.set_filter(filter)

    local field, get_type, get_ts = evt.field, evt.get_type, evt.get_ts
    local by_id = {} -- id1 -> id2 -> record
    local sampled = false
    local counted_s, counted_ns -- up to here slices that still run have been counted (live)

    -- The record of the event's process (or container): { ran = ns, gone = bool, text of key 1, text of key 2, ... }
    local function record_of()
      local a = field(id1)
      if a == nil then return nil end
      local b = a
      if id2 then
        b = field(id2)
        if b == nil then return nil end
      end
      local level = by_id[a]
      if level == nil then
        level = {}
        by_id[a] = level
      end
      local record = level[b]
      if record == nil then
        record = { ran = 0, gone = false }
        for i = 1, #handles do
          local text = field(handles[i])
          if text == nil then return nil end
          record[i] = tostring(text)
        end
        level[b] = record
      end
      return record
    end

    local function forget_slices()
      for _, level in pairs(by_id) do
        for _, record in pairs(level) do
          record.ran = 0
        end
      end
    end

    local function on_slice()
      local ns = field(slice_handle)
      if ns == nil then return end
      local record = record_of()
      if record == nil then return end
      if counted_s then
        -- What ran before this interval was shown in the one before (see running_slices).
        local s, n = get_ts()
        local in_interval = (s - counted_s) * 1e9 + (n - counted_ns)
        ns = math.max(0, math.min(ns, in_interval))
      end
      record.ran = record.ran + ns
      record.gone = false
    end

    on_event = function()
      local kind = get_type()
      if kind == "procinfo" then
        -- The first sample of a thread tells nothing yet: its row stands there with 0.
        local percent = field(sample_handle) or 0
        if not sampled then
          sampled = true
          by_id = {}
        end
        local record = record_of()
        if record then
          record.ran = record.ran + percent * NS_PER_PERCENT
        end
      elseif kind == "procexit" then
        if live and not sampled and id2 and field(pid_handle) == field(tid_handle) then
          local level = by_id[field(id1)]
          for _, record in pairs(level or {}) do
            record.gone = true
          end
        end
      elseif not sampled then
        on_slice()
      end
      return false
    end

    -- Slices that are still running at the end of an interval: tsdig knows them, sysdig does not.
    local function running_slices(ts_s, ts_ns, elapsed)
      if not live or sampled or not sysdig.get_thread_cpu then return end
      local threads = sysdig.get_thread_cpu(ts_s, ts_ns, spec.scope)
      for i = 1, #threads do
        local thread = threads[i]
        local texts = {}
        for k = 1, #keys do
          texts[k] = thread[keys[k][1]]
        end
        local a = texts[ids[1]]
        local b = ids[2] and texts[ids[2]] or a
        if a ~= nil and b ~= nil then
          local level = by_id[a]
          if level == nil then
            level = {}
            by_id[a] = level
          end
          local record = level[b]
          if record == nil then
            record = { ran = 0 }
            for k = 1, #keys do
              record[k] = tostring(texts[k])
            end
            level[b] = record
          end
          record.gone = false
          record.ran = record.ran + math.min(thread.running_ns or 0, elapsed)
        end
      end
      counted_s, counted_ns = ts_s, ts_ns
    end

    local function collect(ts_s, ts_ns, elapsed)
      -- The capture ends right behind a table: there is nothing to tell yet.
      if elapsed <= 0 then return {} end
      running_slices(ts_s, ts_ns, elapsed)
      local rows = {}
      for a, level in pairs(by_id) do
        for b, record in pairs(level) do
          local row = { record.ran }
          for k = 1, #keys do
            row[k + 1] = record[k]
          end
          rows[#rows + 1] = row
          if record.gone then
            level[b] = nil
          end
        end
        if next(level) == nil then
          by_id[a] = nil
        end
      end
      if sampled then
        by_id = {}
      else
        forget_slices()
      end
      return rows
    end

    local view = table_view.new({
      keys = keys,
      value = { "thread.exectime", "CPU%" },
      unit = "timepct",
      top = spec.top,
      live_top = 100,
    })
    top_table.drive(view, collect)
    return true
  end
end

return cpu_time
