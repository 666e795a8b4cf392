description = "The bytes read from and written to descriptors of any kind (files, sockets, pipes, ...), once a second."
short_description = "Sum of I/O bytes on any type of FD"
category = "I/O"
args = {}

require("io_sums").define("")
