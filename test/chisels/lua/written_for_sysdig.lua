-- What chisels written for sysdig require: the names that they use, with the answers that sysdig gives.
description = "uses the modules of sysdig"
short_description = "compatibility check"
category = "Misc"
args = {}

require "common"
local terminal = require "ansiterminal"
local dkjson = require("dkjson")

function on_init()
  print(extend_string("abc", 5) .. "|" .. extend_string("abcdef", 5) .. "|" .. extend_string("", 3) .. "|" .. extend_string("abc", 3) .. "|")
  print(table.concat(split("a,b,,c", ","), ";"), #split("abc", ","), starts_with("hello", "he"), ends_with("hello", "lo"), ends_with("hello", ""))
  print(format_bytes(1025), format_time_interval(5820000), ts_to_str(1795244784, 5))
  for key, value in pairs_top_by_val({ a = 1, b = 5, c = 3 }, 2, function(t, x, y) return t[y] < t[x] end) do
    print(key, value)
  end
  print(parse_numeric_input("12", "x") + 1, typeof("1"), ONE_S_IN_NS, ONE_MS_IN_NS, ONE_US_IN_NS)
  print(#concattable({ 1, 2 }, { 3 }), copytable({ 1, { 2 } })[2][1], st("x"), st(7, "n"))
  print(json.encode({ a = 1 }), dkjson.decode("[3]")[1], dkjson.quotestring("\n"))
  terminal.enable_color(true)
  io.write(terminal.red, "x", terminal.reset)
  terminal.moveto(3, 4)
  terminal.clearline()
  terminal.setbgcol(3)
  print()
  return true
end

function on_capture_end()
  local sums = { ["web\001\001foo"] = 2048, ["db\001\001a name longer than a column"] = 1e6 }
  print_sorted_table(sums, 10, 1, 1e9, {
    key_fld = { "c", "p" }, key_desc = { "Cont", "Proc" }, value_fld = "v", value_desc = "V", value_units = "bytes",
    top_number = 10, output_format = "normal",
  })
end
