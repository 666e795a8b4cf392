description = "The bytes read from and written to files, once a second."
short_description = "Sum of file I/O bytes"
category = "I/O"
args = {}

require("io_sums").define("fd.type=file")
