-- For chisels written for sysdig: `require "ansiterminal"`. Colors are fields (terminal.red ..) and exist after
-- enable_color(true); the functions write escape sequences.

local ansiterminal = {}

local ESC = "\27["

local CODES = {
  reset = 0, clear = 0, bright = 1, dim = 2, underscore = 4, blink = 5, reverse = 7, hidden = 8,
  black = 30, red = 31, green = 32, yellow = 33, blue = 34, magenta = 35, cyan = 36, white = 37,
  onblack = 40, onred = 41, ongreen = 42, onyellow = 43, onblue = 44, onmagenta = 45, oncyan = 46, onwhite = 47,
}

--- Makes the color fields escape sequences, or empty strings.
function ansiterminal.enable_color(enabled)
  for name, code in pairs(CODES) do
    ansiterminal[name] = enabled and ESC .. code .. "m" or ""
  end
end

function ansiterminal.clearscreen()
  io.write(ESC .. "2J")
end

function ansiterminal.clearline()
  io.write(ESC .. "2K")
end

function ansiterminal.hidecursor()
  io.write(ESC .. "?25l")
end

function ansiterminal.showcursor()
  io.write(ESC .. "?25h")
end

function ansiterminal.moveto(line, column)
  io.write(ESC .. line .. ";" .. column .. "H")
end

function ansiterminal.moveup(lines)
  io.write(ESC .. lines .. "F")
end

--- Foreground by number of the 256-color palette.
function ansiterminal.setfgcol(color)
  io.write(ESC .. "38;5;" .. color .. "m")
end

--- Background by number of the 256-color palette.
function ansiterminal.setbgcol(color)
  io.write(ESC .. "48;5;" .. color .. "m")
end

return ansiterminal
