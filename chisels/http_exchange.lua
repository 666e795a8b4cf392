-- Finds HTTP/1 requests and their responses in what goes over sockets, for httplog and httptop.

local exchanges = require "exchanges"

local http_exchange = {}

local METHODS = { "GET", "POST", "PUT", "HEAD", "DELETE", "PATCH", "OPTIONS", "CONNECT", "TRACE", "PROPFIND" }

local is_method = {}
for i = 1, #METHODS do
  is_method[METHODS[i]] = true
end

local find, match, sub, byte = string.find, string.match, string.sub, string.byte

--- Only the events that begin a request or a response. A message that continues in further calls needs no look.
--- After lost events nothing is known about what waits.
function http_exchange.filter()
  local starts = { "evt.buffer startswith 'HTTP/'" }
  for i = 1, #METHODS do
    starts[i + 1] = "evt.buffer startswith '" .. METHODS[i] .. " '"
  end
  return "evt.type=drop or (evt.is_io=true and evt.dir=< and evt.rawres>0 and fd.type in (ipv4, ipv6, unix) and ("
    .. table.concat(starts, " or ") .. "))"
end

-- The value of a header of the message that begins at `from` and whose headers end at `last`. Names have no fixed case;
-- the two common ones cost less than folding the message.
local function header(message, from, last, name, folded)
  local function value(at)
    return at and at < last and match(message, ":[ \t]*([^\r\n]*)", at) or nil
  end
  return value(find(message, "\n" .. name .. ":", from, true)) or value(find(message, "\n" .. folded .. ":", from, true))
    or value(find(string.lower(message), "\n" .. folded .. ":", from, true))
end

local function content_length(message, from, last)
  return tonumber(header(message, from, last, "Content-Length", "content-length")) or 0
end

local function request_of(message, from, last)
  local method, target = match(message, "^(%u+) ([^ \r\n]+)", from)
  if not is_method[method] then
    return nil
  end
  if byte(target) == 47 then -- "/"
    target = (header(message, from, last, "Host", "host") or "") .. target
  end
  return { method = method, url = target }
end

-- Where the message behind the one at `from` begins in the same buffer, nil if there is none.
local function following(message, from, last)
  if last >= #message then
    return nil
  end
  -- Answers to HEAD announce a body that does not come.
  if find(message, "^HTTP/", last + 1) then
    return last + 1
  end
  local at = last + 1 + content_length(message, from, last)
  return at < #message and at or nil
end

--- Calls done(exchange) for each response whose request was seen, while its event is current. exchange: method, url,
--- code (text), size (bytes, 0 if the response does not say), latency_ns, server (true: our side answers).
--- Returns the on_init and on_event parts.
function http_exchange.watcher(done)
  local field = evt.field
  local f_read, f_data
  local waiting = exchanges.new()

  local function init()
    f_read = chisel.request_field("evt.is_io_read")
    f_data = chisel.request_field("evt.rawarg.data")
    waiting.init()
    chisel.set_filter(http_exchange.filter())
    -- Enough for the headers of most messages (live only).
    sysdig.set_snaplen(1024)
  end

  local function respond(message, from, last, read)
    local code = match(message, "^HTTP/%d%.?%d* (%d%d%d)", from)
    -- "100 Continue" and its kin come before the answer.
    if code == nil or (byte(code) == 49 and code ~= "101") then
      return
    end
    local request = waiting.take(read)
    if request ~= nil then
      request.code = code
      request.size = content_length(message, from, last)
      done(request)
    end
  end

  local function event()
    local message = field(f_data)
    if message == nil then
      if evt.get_type() == "drop" then
        waiting.forget()
      end
      return
    end
    local read = field(f_read)
    local from = 1
    repeat
      local _, last = find(message, "\r\n\r\n", from, true)
      last = last or #message
      if byte(message, from) == 72 and sub(message, from, from + 4) == "HTTP/" then -- "H"
        respond(message, from, last, read)
      else
        local request = request_of(message, from, last)
        if request == nil then
          return
        end
        waiting.put(request, read)
      end
      from = following(message, from, last)
    until from == nil
  end

  return init, event
end

return http_exchange
