description = "The network connections and listening sockets of every thread, as netstat shows them, at the moment of the first "
  .. "event (or of the one that the command line's filter chooses, such as evt.num=5000)."
short_description = "List (and optionally filter) network connections."
category = "System State"

local snapshot = require "snapshot"

local wanted = {}
args = snapshot.filter_argument(wanted, "a filter that restricts the list, such as 'proc.name=foo and fd.port=80'")

local PROTOCOLS = { tcp = true, udp = true }

local function endpoint(ip, port)
  return (ip or "0.0.0.0") .. ":" .. (port and tostring(port) or "*")
end

local function show()
  local printable = require("terminal").printable()
  local line = "%-6s%-25s%-25s%-15s%s"
  print(string.format(line, "Proto", "Server Address", "Client Address", "State", "TID/PID/Program Name"))
  for _, thread in ipairs(snapshot.by_tid(sysdig.get_thread_table(wanted.filter))) do
    local owner = thread.tid .. "/" .. thread.pid .. "/" .. printable(thread.comm)
    for _, fd in ipairs(snapshot.by_number(thread.fdtable)) do
      local entry = fd[2]
      if PROTOCOLS[entry.l4proto] and (entry.sip ~= nil or entry.cip ~= nil) then
        local connected = entry.cport ~= nil
        local any = entry.sip ~= nil and string.find(entry.sip, ":", 1, true) and "::" or "0.0.0.0"
        local state = ""
        if entry.l4proto == "tcp" then
          state = connected and "ESTABLISHED" or "LISTEN"
        end
        print(string.format(line, entry.l4proto, endpoint(entry.sip, entry.sport),
          connected and endpoint(entry.cip, entry.cport) or any .. ":*", state, owner))
      end
    end
  end
end

snapshot.define(show)
