description = "The open descriptors of every thread, as lsof shows them, at the moment of the first event (or of the one "
  .. "that the command line's filter chooses, such as evt.num=5000)."
short_description = "List (and optionally filter) the open file descriptors."
category = "System State"

local snapshot = require "snapshot"

local wanted = {}
args = snapshot.filter_argument(wanted, "a filter that restricts the list, such as 'proc.name=foo and fd.name contains /etc'")

local function show()
  local printable = require("terminal").printable()
  local line = "%-20s%-8s%-8s%-8s%-8s%-12s%s"
  print(string.format(line, "COMMAND", "PID", "TID", "USER", "FD", "TYPE", "NAME"))
  for _, thread in ipairs(snapshot.by_tid(sysdig.get_thread_table(wanted.filter))) do
    for _, fd in ipairs(snapshot.by_number(thread.fdtable)) do
      print(string.format(line, printable(thread.comm), tostring(thread.pid), tostring(thread.tid), thread.username,
        tostring(fd[1]), fd[2].type, printable(fd[2].name)))
    end
  end
end

snapshot.define(show)
