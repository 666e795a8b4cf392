description = "The payloads exchanged through an IP port: reads red, writes blue. The options -x, -X and -A change how "
  .. "they are shown."
short_description = "Show the data exchanged using the given IP port number"
category = "Net"
args = {
  { name = "host_port", description = "The remote host IP port number", argtype = "int" },
  { name = "disable_color", description = "Set to 'disable_colors' for output without colors", argtype = "string", optional = true },
}

require("spy_network").define(function(value)
  local port = tonumber(value)
  if port == nil or port < 0 or port > 65535 or port ~= math.floor(port) then
    return nil, "'" .. value .. "' is not a port number (0 to 65535)"
  end
  return "fd.port=" .. string.format("%d", port)
end)
