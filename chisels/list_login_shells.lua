description = "The ids of the login shells under which commands were started, one line each; with -pc with the container's "
  .. "name and id. Given a command (and arguments), only the shells under which such a command ran. An id can be used as a "
  .. "filter for spy_users: proc.loginshellid=ID."
short_description = "List the login shell IDs"
category = "Security"
args = {
  { name = "command", description = "list only shells that ran a command with this text in its name; * matches any", argtype = "string", optional = true },
  { name = "arguments", description = "list only shells that ran a command with this text in its arguments", argtype = "string", optional = true },
}

local command, arguments
local field = evt.field
local f_login, f_pid, f_name, f_args, f_container, f_id
local containers, printable
local listed = {}
local lines = {}

function on_set_arg(name, value)
  if name == "command" then
    if value ~= "*" then
      command = value
    end
  else
    arguments = value
  end
  return true
end

function on_init()
  containers = sysdig.is_print_container_data()
  printable = require("terminal").printable()
  f_login = chisel.request_field("proc.loginshellid")
  f_pid = chisel.request_field("proc.pid")
  f_name = chisel.request_field("proc.name")
  f_args = chisel.request_field("proc.args")
  f_container = chisel.request_field("container.name")
  f_id = chisel.request_field("container.id")
  chisel.set_filter("evt.type in (execve, execveat) and evt.dir=< and evt.rawres=0")
  return true
end

function on_event()
  local login = field(f_login)
  if login == nil or listed[login] or field(f_pid) == login then
    return false
  end
  if command ~= nil and not string.find(field(f_name) or "", command, 1, true) then
    return false
  end
  if arguments ~= nil and not string.find(field(f_args) or "", arguments, 1, true) then
    return false
  end
  listed[login] = true
  local line = tostring(login)
  if containers then
    line = line .. " " .. printable(tostring(field(f_container))) .. " " .. tostring(field(f_id))
  end
  lines[#lines + 1] = line
  return false
end

function on_capture_end()
  if command == nil and arguments == nil then
    print("All shells:")
  else
    print("Shells containing " .. (command or "*") .. (arguments and " " .. arguments or "") .. ":")
  end
  for i = 1, #lines do
    print(lines[i])
  end
  return true
end
