description = "Programs that are started with an environment variable that looks like an attack on bash's shellshock fault "
  .. "(CVE-2014-6271): a function definition with commands behind it. Shows the time, the process, its pid and the "
  .. "definition."
short_description = "print shellshock attacks"
category = "Security"
args = {}

local field = evt.field
local f_time, f_name, f_pid, f_env
local printable

function on_init()
  printable = require("terminal").printable()
  f_time = chisel.request_field("evt.time")
  f_name = chisel.request_field("proc.name")
  f_pid = chisel.request_field("proc.pid")
  f_env = chisel.request_field("proc.env")
  chisel.set_filter("evt.type in (execve, execveat) and evt.dir=< and proc.env contains '() {'")
  return true
end

function on_capture_start()
  print(string.format("%-22s%-22s%-8s%s", "TIME", "PROCNAME", "PID", "FUNCTION"))
  return true
end

function on_event()
  -- proc.env is "A=1 B=2 ...": a function begins behind a name's "=" and has something behind its closing brace.
  local env = field(f_env)
  local attack = env and string.match(" " .. env, " [^= ]+=(%(%) {.*)$")
  if attack ~= nil and string.find(attack, "}%s*;") then
    -- It ends where the next variable begins. Those of programs have such names.
    attack = string.match(attack, "^(.-) [%u_][%u%d_]*=") or attack
    print(string.format("%-22s%-22s%-8s%s", field(f_time), printable(tostring(field(f_name))), tostring(field(f_pid)), printable(attack)))
    if sysdig.is_live() then
      io.flush()
    end
  end
  return false
end
