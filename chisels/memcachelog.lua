description = "A line for each memcached command (text protocol) that was answered: < on the server's side, > on the client's, "
  .. "with the size of the object (of all objects that a get finds), the key, the result and the time it took. With -pc the "
  .. "container's name comes first."
short_description = "memcached requests log"
category = "Application"
args = {
  { name = "method", description = "show only 'get' or only 'set' (and its kin: add, replace, append, ...)", argtype = "string", optional = true },
  { name = "size", description = "show only objects of at least so many bytes", argtype = "int", optional = true },
}

local FETCHES = { get = true, gets = true, gat = true, gats = true }
local STORES = { set = true, add = true, replace = true, append = true, prepend = true, cas = true }
-- First words of what is looked at: commands, and answers to them.
local WORDS = {
  "get", "gat", "set", "add", "replace", "append", "prepend", "cas",
  "VALUE", "END", "STORED", "NOT_STORED", "EXISTS", "NOT_FOUND", "ERROR", "CLIENT_ERROR", "SERVER_ERROR",
}

local find, match = string.find, string.match
local method
local least_size = 0
local field = evt.field
local f_time, f_read, f_data, f_container
local containers, printable
local waiting = require("exchanges").new()

function on_set_arg(name, value)
  if name == "method" then
    method = string.lower(value)
    if method ~= "get" and method ~= "set" then
      error("the method is get or set, not '" .. value .. "'", 0)
    end
    return true
  end
  least_size = tonumber(value)
  if least_size == nil then
    error("the size must be a number of bytes, not '" .. value .. "'", 0)
  end
  return true
end

function on_init()
  containers = sysdig.is_print_container_data()
  printable = require("terminal").printable()
  f_time = chisel.request_field("evt.datetime")
  f_read = chisel.request_field("evt.is_io_read")
  f_data = chisel.request_field("evt.rawarg.data")
  f_container = chisel.request_field("container.name")
  waiting.init()
  sysdig.set_snaplen(512)
  local starts = {}
  for i = 1, #WORDS do
    starts[i] = "evt.buffer startswith " .. WORDS[i]
  end
  -- After lost events nothing is known about what waits.
  chisel.set_filter("evt.type=drop or (evt.is_io=true and evt.dir=< and evt.rawres>0 and fd.type in (ipv4, ipv6, unix) and ("
    .. table.concat(starts, " or ") .. "))")
  return true
end

local function show(command, result, size)
  if (method ~= nil and command.kind ~= method) or size < least_size then
    return
  end
  print(string.format("%s %s%s method=%s size=%dB key=%s result=%s latency=%dms", field(f_time),
    containers and printable(tostring(field(f_container))) .. " " or "", command.server and "<" or ">", command.word,
    size, printable(command.key), result, math.floor(command.latency_ns / 1e6)))
  if sysdig.is_live() then
    io.flush()
  end
end

-- Commands come one behind the other: a line each, and behind it what is to be stored.
local function commands(data, read)
  local from = 1
  while from <= #data do
    local last = find(data, "\n", from, true) or #data
    local word, rest = match(data, "^(%l+) ([^\r\n]*)", from)
    from = last + 1
    if FETCHES[word] then
      -- gat has the new time of life before its keys.
      local key = string.sub(word, 1, 3) == "gat" and string.gsub(rest, "^%d+ ", "") or rest
      waiting.put({ kind = "get", word = word, key = key }, read)
    elseif STORES[word] then
      local key, bytes = match(rest, "^(%S+) %d+ %-?%d+ (%d+)")
      if key == nil then
        return
      end
      local command = { kind = "set", word = word, key = key, size = tonumber(bytes) }
      if find(rest, " noreply$") then
        command.server, command.latency_ns = read, 0
        show(command, "noreply", command.size)
      else
        waiting.put(command, read)
      end
      from = from + command.size + 2
    elseif word == nil then
      return
    end
  end
end

-- An answer is a line, or values that END closes. As far as they were captured.
local function answers(data, read)
  local from = 1
  while from <= #data do
    local word = match(data, "^[%u_]+", from)
    if word == nil then
      return
    end
    local found, size = word == "VALUE", 0
    while word == "VALUE" do
      local bytes, last = match(data, "^VALUE %S+ %d+ (%d+)[^\n]*\n()", from)
      if bytes == nil then
        break
      end
      size = size + tonumber(bytes)
      from = last + tonumber(bytes) + 2
      word = match(data, "^[%u_]+", from)
    end
    local command = waiting.take(read)
    if command == nil then
      return
    end
    if command.kind == "get" and (found or word == "END") then
      show(command, found and "HIT" or "MISS", size)
    else
      show(command, word or "?", command.size or 0)
    end
    from = (find(data, "\n", from, true) or #data) + 1
  end
end

function on_event()
  local data = field(f_data)
  if data == nil then
    if evt.get_type() == "drop" then
      waiting.forget()
    end
  elseif find(data, "^%l") then
    commands(data, field(f_read))
  else
    answers(data, field(f_read))
  end
  return false
end
