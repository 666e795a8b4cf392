-- What the libraries do; run as a chisel, its output is compared with LuaJIT's.
description = "library test"
short_description = "library test"
category = "Test"
args = {}

local function show(...)
  local t = {...}
  local line = {}
  for i = 1, select("#", ...) do line[i] = tostring(t[i]) end
  print(table.concat(line, " "))
end

local function patterns()
  show(("hello world"):find("wor"), ("hello"):find("l"), ("hello"):find("xyz"), ("a.b"):find(".", 1, true), ("a.b"):find("%."))
  show(("hello"):find(""), ("hello"):find("", 3), ("hello"):find("l", -2), ("hello"):find("h", 2), ("hello"):find("", 10))
  show(("key = value"):match("^(%w+)%s*=%s*(%w+)$"), ("2024-01-15"):match("(%d+)-(%d+)-(%d+)"))
  show(("  trim  "):match("^%s*(.-)%s*$") .. "|", ("abc"):match("()b()"), ("abc"):match(".-"), ("abc"):match("a(.*)c"))
  show(("f(a(b)c)d"):match("%b()"), ("THE (quick) fox"):find("%((%a+)%)"), ("hello"):match("(h)(e)(l)(l)(o)"))
  show(("THE (quick) fox"):gsub("%f[%a]%a+", "X"), ("abc"):gsub("", "-"), ("hello world"):gsub("o", "0", 1))
  show(("hello"):gsub("l", {l = "L"}), ("hello"):gsub(".", function(c) if c == "l" then return "1" end end), ("abc"):gsub("%w", "%0%0"))
  show(("abc def"):gsub("(%w+) (%w+)", "%2 %1"), ("x"):gsub("x", "%%"), ("$name is $age"):gsub("%$(%w+)", {name = "Bob", age = 42}))
  show(("a,b,,c"):gsub(",", ";"), ("aaa"):gsub("a*", "x"), ("abc"):gsub("b*", "x"))
  for k, v in ("a=1, b=2"):gmatch("(%w+)=(%w+)") do show(k, v) end
  for p in ("abc"):gmatch("()") do show(p) end
  show(("x^y"):find("^", 1, true), ("x^y"):find("%^"), ("[test]"):match("%[(.-)%]"), ("a-b"):match("[a%-]+"), ("]"):match("[]]"), ("a^"):match("[%^a]+"))
  show(("0x1F"):match("^0[xX](%x+)$"), ("\0\1\2"):match("%z"), #("a\0b"):match(".+"), ("tab\tx"):match("%c") == "\t", ("A1!"):match("%p"), ("aB"):match("%u"), ("aB"):match("%l"))
  show(("abcabc"):match("(abc)%1"), ("aXb"):match("%a%u%a"), ("12ab"):match("%D+"), ("  x"):match("%S"), ("[]"):find("[]", 1, true))
  show((pcall(string.find, "a", "[a")), (pcall(string.find, "a", "%")), (pcall(string.gsub, "a", "(a", "b")), (pcall(string.match, "a", "%1")))
  show(("foo.bar.baz"):match("([^.]+)$"), ("/usr/lib/x.so"):match("^.*/(.*)$"), ("GET /index.html HTTP/1.1"):match("^(%u+) (%S+) HTTP/(%d)%.(%d)"))
  show(("one;two;;four"):find(";", 5), ("x"):rep(0), ("ab"):rep(3), ("ab"):rep(2.9))
  show(("caf\233"):upper(), ("CAF\201"):lower(), ("abc"):reverse(), ("abc"):len(), ("abc"):byte(), ("abc"):byte(2), ("abc"):byte(-1), ("abc"):byte(1, 3), ("abc"):byte(10))
  show(("hello"):sub(2, 4), ("hello"):sub(-3), ("hello"):sub(2), ("hello"):sub(0), ("hello"):sub(10), ("hello"):sub(-100, 2), ("hello"):sub(3, 2), ("hello"):sub(1.9, 3.7), ("hello"):sub(2, -2))
  show(string.char(72, 105), string.char(), ("%d"):format(3))
end

local function formats()
  show(string.format("%d %d %d %d", 3, 3.7, -3.7, 1e10), string.format("%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42))
  show(string.format("%.3d|%8.3d|%-8.3d|%x %X %#x %o", 5, 5, 5, 255, 255, 255, 8), string.format("%x", 4294967295), string.format("%u", 42.9))
  show(string.format("%f %.2f %10.3f|%-10.1f|%+.1f %.0f", 3.14159, 3.14159, 3.14159, 3.14159, 3.14159, 2.5))
  show(string.format("%e %.2e %E", 12345.678, 0.00012, 1e100), string.format("%g %g %g %g %.3g %g", 100000, 1e20, 0.0001, 0.00001, 1234.5, 1e15))
  show(string.format("%s|%10s|%-10s|%.2s|%5.1s|", "abc", "abc", "abc", "abc", "abc"), string.format("%s %s %s", nil, true, 12.5))
  show(string.format("%q", 'a "quoted" \\ line\nnew\0zero'), string.format("%c%c", 65, 66), string.format("100%%"))
  show(string.format("%5s|%5s", true, nil), string.format("%d", "10"), string.format("%s", 1e15), string.format("%s", 0.1))
  show(string.format("%02u:%02u.%09u", 5.5, 7, 123456789), string.format("%.14g", 2 ^ 53), string.format("%.20f", 0.1), string.format("%i", 7))
  show(pcall(string.format, "%d"), pcall(string.format, "%y", 1) == false)
  show(string.format("%5.2f%%", 99.5), string.format("%-20s|", "left"), string.format("%20s|", "right"))
  show(string.format("%g %g %g", 1 / 0, -1 / 0, 0.5), string.format("%.1f", 0.05), string.format("%.1f", 0.25), string.format("%.0f", 0.5), string.format("%.0f", 1.5))
  show(string.format("%g", 2 ^ 31), string.format("%d", 2 ^ 31), string.format("%d", -2 ^ 53), string.format("%s", -0.0 == 0))
end

local function tables()
  local t = {3, 1, 2}
  table.sort(t)
  show(table.concat(t, ","))
  table.sort(t, function(a, b) return a > b end)
  show(table.concat(t, ","))
  local words = {"pear", "Apple", "fig", "10", "9"}
  table.sort(words)
  show(table.concat(words, ","))
  table.insert(t, 4)
  table.insert(t, 1, 0)
  table.insert(t, 3, "mid")
  show(table.concat(t, ","), #t)
  show(table.remove(t), table.remove(t, 1), table.remove(t, 2), table.concat(t, ","), (table.remove({})), (table.remove({1}, 5)))
  show(table.concat({1, 2, 3}), table.concat({1, 2, 3}, ", "), table.concat({1, 2, 3}, "-", 2), table.concat({1, 2, 3}, "-", 2, 3), table.concat({}), table.concat({1.5, "x"}, " "))
  show(pcall(table.concat, {1, {}, 3}) == false, table.getn({1, 2}), table.maxn({1, 2, [10] = 3}), #t)
  local big = {}
  for i = 1, 1000 do big[i] = (i * 7919) % 1009 end
  table.sort(big)
  local ok = true
  for i = 2, 1000 do if big[i - 1] > big[i] then ok = false end end
  show(ok, big[1], big[1000])
  local sum = 0
  table.foreach({a = 1, b = 2}, function(k, v) sum = sum + v end)
  table.foreachi({5, 6}, function(i, v) sum = sum + i * v end)
  show(sum, pcall(table.sort, {1, "x"}) == false)
  local holes = {1, 2, 3}
  table.insert(holes, 2, "b")
  table.remove(holes, 1)
  show(table.concat(holes, ","), unpack(holes))
  show(next({}), next({5}), type(next({a = 1})))
end

local function maths()
  show(math.floor(3.7), math.floor(-3.7), math.ceil(3.2), math.ceil(-3.2), math.abs(-5), math.max(1, 5, 3), math.min(4, 2), math.huge, -math.huge)
  show(math.sqrt(16), math.pow(2, 8), math.log(1), math.log10(1000), math.exp(0), math.fmod(7, 3), math.fmod(-7, 3), math.modf(3.7), math.modf(-3.7))
  show(math.frexp(8), math.ldexp(0.5, 4), math.sin(0), math.cos(0), math.tan(0), math.deg(math.pi), math.rad(180), math.atan2(1, 1), math.pi)
  show(math.floor(2 ^ 40 + 0.5), math.floor(-0.5), math.fmod(5.5, 2), math.cosh(0), math.sinh(0), math.tanh(0))
  local r = math.random()
  show(r >= 0 and r < 1, math.random(1), math.random(5, 5))
  for i = 1, 100 do local x = math.random(10) assert(x >= 1 and x <= 10 and x == math.floor(x)) end
  show(math.floor("3.7"))
end

local function bits()
  show(bit.band(0xff, 0x0f), bit.bor(1, 2, 4), bit.bxor(5, 3), bit.bnot(0), bit.lshift(1, 4), bit.rshift(256, 4), bit.arshift(-256, 4), bit.rshift(-1, 28))
  show(bit.tobit(0xffffffff), bit.tohex(255), bit.tohex(255, 4), bit.tohex(-1, -8), bit.rol(0x12345678, 8), bit.ror(0x12345678, 8), bit.bswap(0x12345678), bit.lshift(1, 31))
end

local function files()
  local name = os.tmpname()
  local f = assert(io.open(name, "w"))
  f:write("line one\n", 2, "\n", "line ", 3.5, "\nlast")
  f:close()
  for l in io.lines(name) do show("[" .. l .. "]") end
  f = io.open(name)
  show(f:read("*l"), f:read("*n"), f:read(1) == "\n", f:read(4), f:read("*a"), f:read("*l"), f:read("*a"), f:read(0))
  show(f:seek("set", 5), f:read(3), f:seek("cur"), f:seek("end"), io.type(f))
  f:close()
  show(io.type(f), io.type(5), pcall(f.read, f) == false)
  f = io.open(name, "a")
  f:write(" more\n")
  f:close()
  f = io.open(name, "rb")
  local all = f:read("*a")
  show(#all, all:sub(-6))
  f:close()
  f = io.open(name, "r+")
  f:write("LINE")
  f:seek("set", 0)
  show(f:read("*l"))
  f:close()
  show(os.remove(name), io.open(name) == nil, select("#", io.open(name)))
  local missing, why, code = io.open("/nonexistent/file")
  show(missing, why, code)
  show(type(os.time()), type(os.clock()), os.date("!%Y-%m-%d %H:%M:%S", 86400), os.date("!%a %b %d %j %p %I %y %%", 1e9), os.getenv("NO_SUCH_VARIABLE_HERE"))
  local d = os.date("!*t", 1000000000)
  show(d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst)
  show(os.difftime(5, 3), os.date("!%c", 0), os.date("!%x %X %D %F %T %R", 0))
  io.write("io", ".", "write", 1, "\n")
  io.stdout:write("stdout ", 2, "\n")
  show(tostring(io.stdout):match("^file %("), type(io.stdout))
end

local function modules()
  package.preload.mymod = function(name) return {name = name} end
  show(require("mymod").name, require("mymod") == require("mymod"), package.loaded.mymod.name)
  show(require("string") == string, require("os") == os, require("math") == math, require "table" == table)
  show(pcall(require, "no_such_module") == false)
end

function on_init()
  patterns()
  formats()
  tables()
  maths()
  bits()
  files()
  modules()
  return true
end
