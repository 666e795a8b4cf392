description = "What processes read from their standard input. A filter limits it to a process or a container."
short_description = "Print stdin of processes"
category = "I/O"
args = {}

require("standard_stream").define(0, false)
