description = "Sends and receives on IP sockets that take at least so many milliseconds (0 shows all of them). Lines are "
  .. "blue for processes in containers and green for those of the host; with -pc there are columns for the container."
short_description = "Trace slow network I/0"
category = "Performance"

local slow_io = require "slow_io"

args = slow_io.args
slow_io.define("netlower", "(fd.type=ipv4 or fd.type=ipv6)")
