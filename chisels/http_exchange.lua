-- Finds HTTP/1 requests and their responses in what goes over sockets, for httplog and httptop.

local http_exchange = {}

local METHODS = { "GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND" }

local is_method = {}
for i = 1, #METHODS do
  is_method[METHODS[i]] = true
end

--- Only the events that begin a request or a response. A message that continues in further calls needs no look.
function http_exchange.filter()
  local starts = { "evt.buffer startswith 'HTTP/'" }
  for i = 1, #METHODS do
    starts[i + 1] = "evt.buffer startswith '" .. METHODS[i] .. " '"
  end
  return "evt.is_io=true and evt.dir=< and evt.rawres>0 and fd.type in (ipv4, ipv6, unix) and ("
    .. table.concat(starts, " or ") .. ")"
end

local function header(message, name)
  -- Header names have no fixed case; the two common ones cost less than folding the message.
  local value = string.match(message, "\r?\n" .. name .. ":[ \t]*([^\r\n]*)")
  if value == nil then
    local at = string.find(string.lower(message), "\n" .. string.lower(name) .. ":", 1, true)
    value = at and string.match(message, ":[ \t]*([^\r\n]*)", at)
  end
  return value
end

local function request_of(message)
  local method, target = string.match(message, "^(%u+) ([^ \r\n]+)")
  if not is_method[method] then
    return nil
  end
  if string.sub(target, 1, 1) == "/" then
    target = (header(message, "Host") or "") .. target
  end
  return { method = method, url = target }
end

local function response_of(message)
  local code = string.match(message, "^HTTP/%d%.?%d* (%d%d%d)")
  if code == nil then
    return nil
  end
  local length = header(message, "Content%-Length")
  return { code = code, size = tonumber(string.match(length or "", "^%d+")) or 0 }
end

--- Calls done(exchange) for each response whose request was seen, while its event is current. exchange: method, url,
--- code (text), size (bytes, 0 if the response does not say), latency_ns, server (true: our side answers).
--- Returns the on_init and on_event parts.
function http_exchange.watcher(done)
  local field, get_ts = evt.field, evt.get_ts
  local f_pid, f_fd, f_read, f_data
  local open = {} -- pid -> fd number -> request

  local function init()
    f_pid = chisel.request_field("proc.pid")
    f_fd = chisel.request_field("fd.num")
    f_read = chisel.request_field("evt.is_io_read")
    f_data = chisel.request_field("evt.rawarg.data")
    chisel.set_filter(http_exchange.filter())
    -- Enough for the headers of most messages (live only).
    sysdig.set_snaplen(1024)
  end

  local function event()
    local message, pid, fd = field(f_data), field(f_pid), field(f_fd)
    if message == nil or pid == nil or fd == nil then
      return
    end
    local read = field(f_read)
    local of_process = open[pid]
    if string.sub(message, 1, 5) == "HTTP/" then
      local request = of_process and of_process[fd]
      -- A request that was read is answered by a write and the other way round.
      if request == nil or request.server == read then
        return
      end
      local response = response_of(message)
      if response == nil then
        return
      end
      of_process[fd] = nil
      local s, ns = get_ts()
      request.code, request.size = response.code, response.size
      request.latency_ns = (s - request.s) * 1e9 + (ns - request.ns)
      done(request)
      return
    end
    local request = request_of(message)
    if request == nil then
      return
    end
    request.s, request.ns = get_ts()
    request.server = read
    if of_process == nil then
      of_process = {}
      open[pid] = of_process
    end
    of_process[fd] = request
  end

  return init, event
end

return http_exchange
