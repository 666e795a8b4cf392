description = "HTTP requests, by method and URL, that are made most often, take the most time or move the most bytes. With -pc "
  .. "by container too."
short_description = "Top HTTP requests"
category = "Application"
args = {
  { name = "by", description = "Show top HTTP requests by: ncalls, time or bytes, default is ncalls", argtype = "string", optional = true },
}

local table_view = require "table_view"
local top_table = require "top_table"

local UNITS = { ncalls = "none", time = "time", bytes = "bytes" }

local by = "ncalls"
local containers, f_container
-- container (or "") -> method -> url -> sum
local sums = {}

function on_set_arg(name, value)
  if UNITS[value] == nil then
    error("order by ncalls, time or bytes, not '" .. value .. "'", 0)
  end
  by = value
  return true
end

local function below(level, key)
  local next_level = level[key]
  if next_level == nil then
    next_level = {}
    level[key] = next_level
  end
  return next_level
end

local init, event = require("http_exchange").watcher(function(exchange)
  local container = containers and tostring(evt.field(f_container)) or ""
  local urls = below(below(sums, container), exchange.method)
  local value = by == "time" and exchange.latency_ns or by == "bytes" and exchange.size or 1
  urls[exchange.url] = (urls[exchange.url] or 0) + value
end)

local function collect()
  local rows = {}
  for container, methods in pairs(sums) do
    for method, urls in pairs(methods) do
      for url, value in pairs(urls) do
        rows[#rows + 1] = containers and { value, container, method, url } or { value, method, url }
      end
    end
  end
  sums = {}
  return rows
end

function on_init()
  containers = sysdig.is_print_container_data()
  f_container = chisel.request_field("container.name")
  init()
  local keys = { { "method", "method" }, { "url", "url" } }
  if containers then
    table.insert(keys, 1, { "container", "container" })
  end
  top_table.drive(table_view.new({ keys = keys, value = { by, by }, unit = UNITS[by], top = 30 }), collect)
  return true
end

function on_event()
  event()
  return false
end
