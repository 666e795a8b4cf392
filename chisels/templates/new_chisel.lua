-- NAME: a chisel for tsdig. Try it with
--   tsdig -r capture.scap -c ./NAME.lua
-- and read docs/chisels.md for everything that a chisel can do.

-- What `tsdig -cl` and `tsdig -i NAME` show.
description = "What this chisel shows, in a sentence or two."
short_description = "One line for the list of chisels"
category = "Misc"

-- Arguments in the order in which they are typed: -c NAME '20'
args = {
  {
    name = "top",
    description = "how many lines to show (default 10)",
    argtype = "int",
    optional = true,
  },
}

local top = 10

-- Called once for each argument that was given. Values are strings; false refuses them.
function on_set_arg(name, value)
  top = tonumber(value)
  return top ~= nil
end

-- Handles of the fields that on_event reads. `tsdig -l` lists all fields.
local f_process, f_file

-- Called before the capture is opened.
function on_init()
  f_process = chisel.request_field("proc.name")
  f_file = chisel.request_field("fd.name")

  -- Only these events reach on_event. The narrower the filter, the faster the chisel.
  chisel.set_filter("evt.is_open_read=true and evt.dir=< and evt.failed=false")
  return true
end

local opens = {}

-- Called for every event that passes the filter above and the one on the command line.
function on_event()
  local process, file = evt.field(f_process), evt.field(f_file)
  if process ~= nil and file ~= nil then
    local key = process .. "  " .. file
    opens[key] = (opens[key] or 0) + 1
  end
  -- true would print the event itself, in the format given to chisel.set_event_formatter.
  return false
end

local function show()
  local keys = {}
  for key in pairs(opens) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b) return opens[a] > opens[b] end)
  for i = 1, math.min(top, #keys) do
    print(string.format("%8d  %s", opens[keys[i]], keys[i]))
  end
end

-- Called when the capture is open. Live captures show something every second.
function on_capture_start()
  if sysdig.is_live() then
    chisel.set_interval_s(1)
  end
  return true
end

function on_interval(ts_s, ts_ns, delta)
  print(os.date("%H:%M:%S", ts_s))
  show()
  opens = {}
  return true
end

-- Called at the end of the file, on Ctrl-C, and when an option such as -n ends the run.
function on_capture_end()
  show()
  return true
end
