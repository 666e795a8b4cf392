description = "Reads and writes of files that take at least so many milliseconds (0 shows all of them). Lines are blue for "
  .. "processes in containers and green for those of the host; with -pc there are columns for the container."
short_description = "Trace slow file I/O"
category = "Performance"

local slow_io = require "slow_io"

args = slow_io.args
-- Devices such as terminals and /dev/null are no file I/O.
slow_io.define("fileslower", "fd.type=file and not fd.name startswith /dev/")
