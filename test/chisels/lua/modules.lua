-- Prints what the shared modules make of fixed inputs: test/chisels/modules.test.ts knows the answers.
description = "prints what the shared modules make of fixed inputs"
short_description = "module check"
category = "Misc"
args = {}

local units = require "units"
local terminal = require "terminal"
local json_text = require "json_text"
local value_text = require "value_text"

local function row(name, ...)
  local parts = { name }
  for i = 1, select("#", ...) do
    parts[#parts + 1] = tostring((select(i, ...)))
  end
  print(table.concat(parts, "|"))
end

function on_init()
  for _, n in ipairs({ 0, 1, 9.5, 999, 1023, 1024, 1025, 1500, 102400, 1048576, 1572864, 1073741824, 6096706076.672,
    1099511627776, 1.3573471044895e+15, 1.5e18 }) do
    row("bytes", units.bytes(n))
  end
  for _, n in ipairs({ 0, 1, 999, 1000, 1500, 9999, 10000, 15999, 999999, 1000000, 5820000, 9995000, 9999999, 10600000,
    999999999, 1000000000, 1234567890, 9999999999, 10500000000, 59999999999, 3661e9, 1e15 }) do
    row("time", units.duration(n))
  end
  row("percent", units.percent(1.29e9, 75.999455654e9), units.percent(0, 1), units.percent(5, 0))
  row("visible", terminal.visible("plain"), terminal.visible("a\27[31mb\n\t\0c"), terminal.visible("caf\195\169 \226\130\172"),
    terminal.visible("\155\194\155\255"))
  row("lines", terminal.visible_lines("a\n\27b\tc\r\n"))
  row("width", terminal.width("abc"), terminal.width("caf\195\169"), terminal.width("\230\188\162\229\173\151"))
  row("fit", terminal.fit("abc", 5), terminal.fit("abc", 5, true), terminal.fit("abcdef", 4), terminal.fit("\230\188\162\229\173\151", 3))
  row("json", json_text.encode({ a = { 1, "x\n\1\"\\", true }, b = {}, n = 1.5 }), json_text.encode(0 / 0), json_text.encode(12345678901234))
  local value, after = json_text.decode(' {"k":[1,-2.5e3,"\\u00e9\\ud83d\\ude00\\n",null,false]} rest')
  row("decode", value.k[1], value.k[2], value.k[3], value.k[4], value.k[5], after)
  for _, text in ipairs({ "", "[1,", '{"a" 1}', '"x', "nul", '{"a":}', "[1 2]" }) do
    local nothing, at, message = json_text.decode(text)
    row("wrong", nothing, at, message)
  end
  print(value_text.show({ { name = "web", id = 1 }, key = "v" }))
  return true
end
