description = "The payloads exchanged with an IP address: reads red, writes blue. The options -x, -X and -A change how "
  .. "they are shown."
short_description = "Show the data exchanged with the given IP address"
category = "Net"
args = {
  { name = "host_ip", description = "The remote host IP address", argtype = "ipv4" },
  { name = "disable_color", description = "Set to 'disable_colors' for output without colors", argtype = "string", optional = true },
}

require("spy_network").define(function(value)
  if not string.find(value, "^[%x.:]+$") then
    return nil, "'" .. value .. "' is not an IP address"
  end
  return "fd.ip=" .. value
end)
