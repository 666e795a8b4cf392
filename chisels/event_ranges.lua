-- Saves the events around moments of interest to a new capture file: the program is run once more over the same file,
-- with a filter made of the time ranges, for around, spy_logs and spy_syslog.

local event_ranges = {}

local DEFAULT_MS = 1000

--- The two arguments that chisels with this ability take.
event_ranges.args = {
  { name = "dump_file_name", description = "the capture file to write the events around each match to", argtype = "string", optional = true },
  {
    name = "dump_range_ms",
    description = "how much to keep before and after each match, in milliseconds (default 1000)",
    argtype = "int",
    optional = true,
  },
}

--- A collector. same_thread: keep only events of the thread that matched.
function event_ranges.new(same_thread)
  return { same_thread = same_thread, ms = DEFAULT_MS, file = nil, count = 0, by_thread = {}, threads = {} }
end

--- Takes an argument; false and a message if it is none of ours or is wrong.
function event_ranges.set(ranges, name, value)
  if name == "dump_file_name" then
    ranges.file = value
    return true
  end
  ranges.ms = tonumber(value)
  if ranges.ms == nil or ranges.ms < 0 then
    return false, "dump_range_ms must be a number of milliseconds, not '" .. value .. "'"
  end
  return true
end

--- To be called in on_capture_start: false and a message if events cannot be saved in this run.
function event_ranges.check(ranges)
  if ranges.file ~= nil and sysdig.is_live() then
    return false, "saving events around matches needs a capture file (-r): record with -w first"
  end
  return true
end

--- Notes the current event, if events are to be saved. ts_s, ts_ns: its time; tid: its thread.
function event_ranges.add(ranges, ts_s, ts_ns, tid)
  if ranges.file == nil then
    return
  end
  local key = ranges.same_thread and tid or 0
  local list = ranges.by_thread[key]
  if list == nil then
    list = {}
    ranges.by_thread[key] = list
    ranges.threads[#ranges.threads + 1] = key
  end
  local at = sysdig.make_ts(ts_s, ts_ns)
  local half = sysdig.make_ts(math.floor(ranges.ms / 1000), math.floor((ranges.ms % 1000) * 1e6))
  local from, to = sysdig.subtract_ts(at, half), sysdig.add_ts(at, half)
  local last = list[#list]
  -- Equal lengths (ns since 1970): comparing the text compares the numbers.
  if last ~= nil and from <= last[2] then
    last[2] = to
  else
    list[#list + 1] = { from, to }
  end
  ranges.count = ranges.count + 1
end

--- To be called in on_capture_end: starts the run that writes the file.
function event_ranges.save(ranges)
  if ranges.file == nil then
    return
  end
  if ranges.count == 0 then
    print("nothing matched: " .. ranges.file .. " is not written")
    return
  end
  local terms = {}
  for i = 1, #ranges.threads do
    local key = ranges.threads[i]
    local times = {}
    for k, range in ipairs(ranges.by_thread[key]) do
      times[k] = "(evt.rawtime>=" .. range[1] .. " and evt.rawtime<=" .. range[2] .. ")"
    end
    local text = #times == 1 and times[1] or "(" .. table.concat(times, " or ") .. ")"
    if ranges.same_thread then
      text = "(thread.tid=" .. key .. " and " .. text .. ")"
    end
    terms[i] = text
  end
  print("\nSaving events around " .. ranges.count .. (ranges.count == 1 and " match to " or " matches to ") .. ranges.file)
  sysdig.run_app("-r \"" .. sysdig.get_evtsource_name() .. "\" -w \"" .. ranges.file .. "\" \""
    .. table.concat(terms, " or ") .. "\"")
end

return event_ranges
