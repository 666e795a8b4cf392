description = "The processes of the machine, as ps shows them, at the moment of the first event (or of the one that the command "
  .. "line's filter chooses, such as evt.num=5000)."
short_description = "List (and optionally filter) the machine processes."
category = "System State"

local snapshot = require "snapshot"
local units = require "units"

local wanted = {}
args = snapshot.filter_argument(wanted, "a filter that restricts the list: 'fd.name contains /etc' shows the processes with open files under /etc")

local function show()
  local printable = require("terminal").printable()
  local line = "%-8s%-8s%-12s%-11s%-11s%-10s"
  print(string.format(line, "TID", "PID", "USER", "VIRT", "RES", "FDLIMIT") .. string.format("%-20s", "CMD"))
  for _, thread in ipairs(snapshot.by_tid(sysdig.get_thread_table_nofds(wanted.filter))) do
    print(string.format(line, tostring(thread.tid), tostring(thread.pid), thread.username, units.bytes(thread.vmsize_kb * 1024),
      units.bytes(thread.vmrss_kb * 1024), tostring(thread.fdlimit)) .. printable(thread.comm))
  end
end

snapshot.define(show)
