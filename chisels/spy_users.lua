description = "Every command that is started below a shell, with the shell's pid, the time, the user and the full command "
  .. "line, indented by how deep it is below the shell, and every directory that shells change to. With -pc the "
  .. "container's name stands behind the user's, blue for containers and green for the host. Commands that a shell "
  .. "runs itself (echo, test, ...) start no program and are not seen."
short_description = "Display interactive user activity"
category = "Security"
args = {
  { name = "max_depth", description = "the deepest level of commands below a shell to show", argtype = "int", optional = true },
  { name = "disable_color", description = "Set to 'disable_colors' for output without colors", argtype = "string", optional = true },
}

local terminal = require "terminal"

local SHELLS = "(sh, bash, dash, zsh, ash, ksh, mksh, csh, tcsh, fish, rbash, -sh, -bash, -zsh)"

-- Ancestors looked at in search of the login shell; deeper commands are indented as if they were this deep.
local MAX_ANCESTORS = 20

local max_depth = MAX_ANCESTORS
local colors_wanted = true

function on_set_arg(name, value)
  if name == "max_depth" then
    max_depth = tonumber(value)
    if max_depth == nil then
      error("max_depth must be a number, not '" .. value .. "'", 0)
    end
    return true
  end
  colors_wanted = not terminal.wants_no_color(value)
  return true
end

local field = evt.field
local f_login, f_pid, f_type, f_time, f_user, f_exe, f_args, f_path, f_container
local f_ancestor = {}
local containers, indent, palette, printable

function on_init()
  containers = sysdig.is_print_container_data()
  indent = containers and "    " or "   "
  f_login = chisel.request_field("proc.loginshellid")
  f_pid = chisel.request_field("proc.pid")
  f_type = chisel.request_field("evt.type")
  f_time = chisel.request_field("evt.time.s")
  f_user = chisel.request_field("user.name")
  f_exe = chisel.request_field("proc.exe")
  f_args = chisel.request_field("proc.args")
  f_path = chisel.request_field("evt.arg.path")
  f_container = chisel.request_field("container.name")
  for i = 1, MAX_ANCESTORS do
    f_ancestor[i] = chisel.request_field("proc.apid[" .. i .. "]")
  end
  chisel.set_filter("evt.dir=< and evt.rawres=0 and (evt.type in (execve, execveat) or (evt.type=chdir and proc.name in "
    .. SHELLS .. "))")
  palette = terminal.palette(containers and colors_wanted)
  printable = terminal.printable()
  return true
end

-- How many processes lie between this one and its login shell.
local function depth_below(login)
  for i = 1, MAX_ANCESTORS do
    local pid = field(f_ancestor[i])
    if pid == nil or pid == login then
      return i - 1
    end
  end
  return MAX_ANCESTORS
end

function on_event()
  local login = field(f_login)
  if login == nil then
    return false
  end
  local is_login_shell = field(f_pid) == login
  local text
  local depth = 0
  if field(f_type) == "chdir" then
    text = "cd " .. (field(f_path) or "")
    -- A cd belongs to the level of the commands that the same shell starts.
    if not is_login_shell then
      depth = depth_below(login) + 1
    end
  elseif is_login_shell then
    return false
  else
    text = (field(f_exe) or "") .. " " .. (field(f_args) or "")
    depth = depth_below(login)
  end
  if depth > max_depth then
    return false
  end

  local user = printable(field(f_user) or "<NA>")
  local color = ""
  if containers then
    local container = field(f_container)
    user = user .. "@" .. printable(container or "<NA>")
    color = terminal.container_color(palette, container)
  end
  print(color .. string.rep(indent, depth) .. login .. " " .. field(f_time) .. " " .. user .. ") " .. printable(text))
  if sysdig.is_live() then
    io.flush()
  end
  return false
end

function on_capture_end()
  print(terminal.colors.reset)
  return true
end
