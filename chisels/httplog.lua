description = "A line for each HTTP request that was answered: < on the server's side, > on the client's. Sizes are those "
  .. "that the response announces. With -pc the container's name comes first."
short_description = "HTTP requests log"
category = "Application"
args = {}

local printable, containers, f_time, f_container

local init, event = require("http_exchange").watcher(function(exchange)
  local container = containers and printable(tostring(evt.field(f_container))) .. " " or ""
  print(string.format("%s %s%s method=%s url=%s response_code=%s latency=%dms size=%dB", evt.field(f_time), container,
    exchange.server and "<" or ">", exchange.method, printable(exchange.url), exchange.code,
    math.floor(exchange.latency_ns / 1e6), exchange.size))
  if sysdig.is_live() then
    io.flush()
  end
end)

function on_init()
  containers = sysdig.is_print_container_data()
  printable = require("terminal").printable()
  f_time = chisel.request_field("evt.datetime")
  f_container = chisel.request_field("container.name")
  init()
  return true
end

function on_event()
  event()
  return false
end
