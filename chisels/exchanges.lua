-- Pairs requests with their answers, connection by connection, in order: for httplog, httptop and memcachelog.

local exchanges = {}

-- More unanswered requests than that are no queue but answers that are never seen.
local LONGEST = 64

--- A memory of requests that wait for their answer. init() belongs into on_init; put(request) and take(read) are about
--- the current event, forget() is for when events were lost.
function exchanges.new()
  local field, get_ts = evt.field, evt.get_ts
  local f_pid, f_fd, f_name
  local open = {} -- pid -> fd number -> { name, first, last, requests }
  local self = {}

  function self.init()
    f_pid = chisel.request_field("proc.pid")
    f_fd = chisel.request_field("fd.num")
    f_name = chisel.request_field("fd.name")
  end

  --- A request begins: `read` says whether it was read (by a server) or written (by a client). nil without connection.
  function self.put(request, read)
    local pid, fd = field(f_pid), field(f_fd)
    if pid == nil or fd == nil then
      return
    end
    local of_process = open[pid]
    if of_process == nil then
      of_process = {}
      open[pid] = of_process
    end
    local name = field(f_name)
    local queue = of_process[fd]
    -- The number of a closed connection is given to another one. (Names of unix sockets depend on the direction, so only
    -- requests are compared with requests.)
    if queue == nil or queue.name ~= name or queue.last - queue.first >= LONGEST then
      queue = { name = name, first = 1, last = 0 }
      of_process[fd] = queue
    end
    request.server = read
    request.s, request.ns = get_ts()
    queue.last = queue.last + 1
    queue[queue.last] = request
  end

  --- The request that what is read (or written) now answers, with latency_ns; nil if none waits.
  function self.take(read)
    local of_process = open[field(f_pid)]
    local queue = of_process and of_process[field(f_fd)]
    local request = queue and queue[queue.first]
    -- A request that was read is answered by a write and the other way round.
    if request == nil or request.server == read then
      return nil
    end
    queue[queue.first] = nil
    queue.first = queue.first + 1
    local s, ns = get_ts()
    request.latency_ns = (s - request.s) * 1e9 + (ns - request.ns)
    return request
  end

  function self.forget()
    open = {}
  end

  return self
end

return exchanges
