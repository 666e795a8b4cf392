description = "A line for each memcached command (text protocol) that was answered: < on the server's side, > on the client's, "
  .. "with the key, the object's size and the time it took. With -pc the container's name comes first."
short_description = "memcached requests log"
category = "Application"
args = {
  { name = "method", description = "show only 'get' or only 'set' (and its kin: add, replace, append, ...)", argtype = "string", optional = true },
  { name = "size", description = "show only objects of at least so many bytes", argtype = "int", optional = true },
}

local FETCHES = { get = true, gets = true, gat = true, gats = true }
local STORES = { set = true, add = true, replace = true, append = true, prepend = true, cas = true }

local method
local least_size = 0
local field, get_ts = evt.field, evt.get_ts
local f_time, f_pid, f_fd, f_read, f_data, f_container
local containers, printable
local open = {} -- pid -> fd number -> command under way

function on_set_arg(name, value)
  if name == "method" then
    method = string.lower(value)
    if method ~= "get" and method ~= "set" then
      print("memcachelog: the method is get or set, not '" .. value .. "'")
      return false
    end
    return true
  end
  least_size = tonumber(value)
  if least_size == nil then
    print("memcachelog: the size must be a number of bytes, not '" .. value .. "'")
    return false
  end
  return true
end

function on_init()
  containers = sysdig.is_print_container_data()
  printable = require("terminal").printable()
  f_time = chisel.request_field("evt.datetime")
  f_pid = chisel.request_field("proc.pid")
  f_fd = chisel.request_field("fd.num")
  f_read = chisel.request_field("evt.is_io_read")
  f_data = chisel.request_field("evt.rawarg.data")
  f_container = chisel.request_field("container.name")
  sysdig.set_snaplen(512)
  chisel.set_filter("evt.is_io=true and evt.dir=< and evt.rawres>0 and fd.type in (ipv4, ipv6, unix) and (evt.buffer "
    .. "startswith get or evt.buffer startswith gat or evt.buffer startswith set or evt.buffer startswith add or "
    .. "evt.buffer startswith replace or evt.buffer startswith append or evt.buffer startswith prepend or evt.buffer "
    .. "startswith cas or evt.buffer startswith VALUE or evt.buffer startswith END or evt.buffer startswith STORED or "
    .. "evt.buffer startswith NOT_STORED or evt.buffer startswith EXISTS or evt.buffer startswith NOT_FOUND)")
  return true
end

local function command_of(data)
  local word, rest = string.match(data, "^(%l+) ([^\r\n]*)")
  if FETCHES[word] then
    return { kind = "get", word = word, key = rest }
  end
  local key, size = string.match(rest or "", "^(%S+) %d+ %-?%d+ (%d+)")
  if STORES[word] and key ~= nil then
    return { kind = "set", word = word, key = key, size = tonumber(size) }
  end
  return nil
end

-- Bytes of all values in a reply as far as they were captured.
local function reply_size(data)
  local size = 0
  for bytes in string.gmatch(data, "VALUE %S+ %d+ (%d+)") do
    size = size + tonumber(bytes)
  end
  return size
end

local function show(command, reply, s, ns)
  local size = command.size or reply_size(reply)
  if (method ~= nil and command.kind ~= method) or size < least_size then
    return
  end
  local outcome = string.match(reply, "^[%u_]+")
  if command.kind == "get" then
    outcome = outcome == "VALUE" and "HIT" or "MISS"
  end
  local latency = (s - command.s) * 1e9 + (ns - command.ns)
  print(string.format("%s %s%s method=%s key=%s result=%s latency=%dms size=%dB", field(f_time),
    containers and printable(tostring(field(f_container))) .. " " or "", command.server and "<" or ">", command.word,
    printable(command.key), outcome, math.floor(latency / 1e6), size))
  if sysdig.is_live() then
    io.flush()
  end
end

function on_event()
  local data, pid, fd = field(f_data), field(f_pid), field(f_fd)
  if data == nil or pid == nil or fd == nil then
    return false
  end
  local read = field(f_read)
  local of_process = open[pid]
  local s, ns = get_ts()
  if string.find(data, "^%l") then
    local command = command_of(data)
    if command ~= nil then
      command.server, command.s, command.ns = read, s, ns
      if of_process == nil then
        of_process = {}
        open[pid] = of_process
      end
      of_process[fd] = command
    end
    return false
  end
  local command = of_process and of_process[fd]
  if command ~= nil and command.server ~= read then
    of_process[fd] = nil
    show(command, data, s, ns)
  end
  return false
end
