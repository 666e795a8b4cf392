description = "The bytes received and sent over IP sockets, once a second."
short_description = "Show total network I/O bytes"
category = "Net"
args = {}

require("io_sums").define("(fd.type=ipv4 or fd.type=ipv6)")
