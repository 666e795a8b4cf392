description = "Where the time of a process tree goes, as folded stacks: a line per chain of processes and system call, "
  .. "ancestors first, with the microseconds spent. flamegraph.pl, speedscope and others draw flame graphs from it. With "
  .. "-pc the container is the root of each stack."
short_description = "Time in system calls as folded stacks for flame graphs"
category = "Performance"
args = {
  { name = "max_depth", description = "how many ancestors to show (default 8)", argtype = "int", optional = true },
}

local depth = 8
local field = evt.field
local f_pid, f_name, f_type, f_latency, f_container
local f_ancestors = {}
local containers, printable
-- stack -> call -> ns, and pid -> process name -> stack: built once each
local sums = {}
local stacks = {}

function on_set_arg(name, value)
  depth = tonumber(value)
  if depth == nil or depth < 0 then
    error("max_depth must be a number, not '" .. value .. "'", 0)
  end
  return true
end

function on_init()
  containers = sysdig.is_print_container_data()
  printable = require("terminal").printable()
  f_pid = chisel.request_field("proc.pid")
  f_name = chisel.request_field("proc.name")
  f_type = chisel.request_field("evt.type")
  f_latency = chisel.request_field("evt.latency")
  f_container = chisel.request_field("container.name")
  for i = 1, depth do
    f_ancestors[i] = chisel.request_field("proc.aname[" .. i .. "]")
  end
  chisel.set_filter("evt.dir=< and evt.type!=switch and evt.latency>0")
  return true
end

local function clean(name)
  -- ; and the last blank separate in this format.
  return (string.gsub(printable(tostring(name)), "[; \n]", "_"))
end

local function stack_of(name)
  local frames = {}
  for i = depth, 1, -1 do
    local ancestor = field(f_ancestors[i])
    if ancestor ~= nil then
      frames[#frames + 1] = clean(ancestor)
    end
  end
  frames[#frames + 1] = clean(name)
  local stack = table.concat(frames, ";")
  return containers and clean(field(f_container)) .. ";" .. stack or stack
end

function on_event()
  local latency, pid, name = field(f_latency), field(f_pid), field(f_name)
  if latency == nil or pid == nil or name == nil then
    return false
  end
  local names = stacks[pid]
  if names == nil then
    names = {}
    stacks[pid] = names
  end
  local stack = names[name]
  if stack == nil then
    stack = stack_of(name)
    names[name] = stack
  end
  local calls = sums[stack]
  if calls == nil then
    calls = {}
    sums[stack] = calls
  end
  local call = field(f_type)
  calls[call] = (calls[call] or 0) + latency
  return false
end

function on_capture_end()
  local lines = {}
  for stack, calls in pairs(sums) do
    for call, ns in pairs(calls) do
      local us = math.floor(ns / 1000 + 0.5)
      if us > 0 then
        lines[#lines + 1] = stack .. ";" .. call .. " " .. string.format("%d", us)
      end
    end
  end
  table.sort(lines)
  for i = 1, #lines do
    print(lines[i])
  end
  return true
end
