-- What every part of the language does; run as a chisel, its output is compared with LuaJIT's.
description = "language test"
short_description = "language test"
category = "Test"
args = {}

local function show(...)
  local t = {...}
  local line = {}
  for i = 1, select("#", ...) do line[i] = tostring(t[i]) end
  print(table.concat(line, " "))
end

local function arithmetic()
  show(10 / 2, 7 / 2, 7 % 3, -7 % 3, 7 % -3, -7 % -3, 5.5 % 2, 2 ^ 10, 2 ^ 0.5, -2 ^ 2, 2 ^ 3 ^ 2)
  show(1024 * 1024 * 1024 * 1024, 2147483647 + 1, -2147483648 - 1, 1e15, 1e14, 123456789012, 0x7fffffff + 1)
  show(1 / 3, 100 / 3, 1e300 * 1e10, -1e300 * 1e10, 3 % math.huge, -3 % math.huge)
  show("10" + 5, "3" * "4", "0x10" + 0, " 5 " + 1, 10 .. 20, 1.5 .. "x")
  show(1 < 2, 1 <= 1, 2 > 3, "a" < "b", "a" < "B", "" < "a", "10" < "9", 1 == "1", 0 == -0)
  show(not nil, not 0, not "", nil == false, 1 and 2, nil and 1, false or 3, nil or false, 1 or error("never"))
  show(#"abc", #{1, 2, 3}, #"", #{}, -(-3), - -3, not not nil)
  show(1e3, 0.1, 1.5e-7, 3., .5, 0xff, 1e-320 > 0, 5 % 0 ~= 5 % 0)
  show(1 .. "", 2 ^ 53, 2 ^ 53 + 1, 2 ^ 63, 2 ^ 64, 1e21, 123456.789e3)
end

local function strings()
  show("a\tb\\n\"q\" 'x' \65\066\x41 \z
        next", [[long
string]], [==[with ]] inside]==], 'single\'quote')
  show(#"\0a\0", ("x"):rep(3), ("hello"):upper(), #[[

x]])
  show("abc" .. "def" .. 1 .. 2.5 .. "z")
end

local function closures()
  local fns = {}
  for i = 1, 3 do
    local j = i * 10
    fns[#fns + 1] = function() j = j + 1 return i, j end
  end
  show(fns[1](), fns[1](), fns[2](), fns[3]())
  local k = 0
  local list = {}
  while k < 3 do
    k = k + 1
    local c = k
    list[k] = function() c = c + 1 return c end
  end
  show(list[1](), list[1](), list[2](), list[3]())
  local r = 0
  repeat
    local done = r >= 2
    r = r + 1
  until done
  show(r)
  local function fact(n) if n <= 1 then return 1 end return n * fact(n - 1) end
  show(fact(5), fact(20), fact(25))
  local function outer() local x = 1 return function() x = x * 2 return x end, function() return x end end
  local inc, get = outer()
  inc() inc()
  show(get())
end

local function multiple()
  local function none() end
  local function two() return 1, 2 end
  local function three(...) return ... end
  show(none(), 1)
  show((none()))
  show(two(), two())
  show((two()))
  show(two(), (two()))
  local a, b, c = two()
  show(a, b, c)
  local d, e = (two())
  show(d, e)
  local f, g, h = 0, two()
  show(f, g, h)
  show(three(), three(nil), three(nil, nil), three(1, nil, 3))
  show(select("#", three()), select("#", three(nil)), select("#", three(nil, nil)), select("#", none()))
  show(select(2, "a", "b", "c"), select(-1, "a", "b", "c"))
  local t = {two(), two(), three(7, 8, 9)}
  show(#t, t[1], t[2], t[3], t[4], t[5])
  local u = {two(), (two())}
  show(#u, u[1], u[2])
  local x, y = 1, 2
  x, y = y, x
  show(x, y)
  local i = 1
  local arr = {10, 20, 30}
  i, arr[i] = i + 1, 99
  show(i, arr[1], arr[2])
  local p, q = three(5)
  show(p, q)
  show(pcall(three, 1, 2), pcall(error))
  show(unpack({1, 2, 3}), unpack({1, 2, 3}, 2), unpack({1, 2, 3}, 2, 3))
  show((function(...) local a, b = ... return b, a, select("#", ...) end)(1, nil, 3))
  show((function(a, ...) return ... end)(1))
  show(type(next), type(nil), type({}), type("x"), type(2), type(print), type(true))
end

local function loops()
  local s = ""
  for i = 1, 3 do s = s .. i end
  for i = 3, 1, -1 do s = s .. i end
  for i = 1, 2, 0.5 do s = s .. i .. "," end
  for i = 5, 1 do s = s .. "never" end
  for i = 10, 1, -4 do s = s .. i .. ";" end
  show(s)
  s = ""
  for i = 1, 10 do
    if i == 3 then break end
    local i = i * 2
    s = s .. i
  end
  show(s)
  for k, v in ipairs({"a", "b", nil, "d"}) do s = s .. k .. v end
  show(s)
  local t = {10, 20, 30, x = 1}
  local n, sum = 0, 0
  for k, v in pairs(t) do n = n + 1 sum = sum + v end
  show(n, sum)
  for k in pairs(t) do t[k] = nil end
  show(next(t), #t)
  local function iter(limit, i) if i < limit then return i + 1, i * i, "x" end end
  s = ""
  for i, sq, x in iter, 3, 0 do s = s .. i .. sq .. x .. " " end
  show(s)
  local words = {}
  for w in ("the quick brown"):gmatch("%a+") do words[#words + 1] = w end
  show(table.concat(words, "|"))
  local c = 0
  while true do c = c + 1 if c > 5 then break end end
  show(c)
  for i = 1, 3 do
    for j = 1, 3 do if j == 2 then break end c = c + 1 end
  end
  show(c)
  do local c = 100 end
  show(c)
  for i = "1", 2 do c = c + i end
  show(c)
end

local function tables()
  local t = {1, 2, 3, n = 5, ["key with space"] = 6, [100] = 7; 8}
  show(#t, t.n, t["key with space"], t[100], t[4])
  t[#t + 1] = "five"
  show(#t, t[5])
  t[2.0] = "two"
  show(t[2])
  t[1.5] = "frac"
  show(t[1.5], t[1], t[-1])
  local keyed = {}
  keyed[t] = "table key"
  keyed[print] = "function key"
  keyed[true] = "bool key"
  show(keyed[t], keyed[print], keyed[true], keyed[false])
  show((pcall(function() keyed[nil] = 1 end)))
  show((pcall(function() keyed[0 / 0] = 1 end)))
  show(keyed[nil])
  local back = {}
  for i = 5, 1, -1 do back[i] = i end
  local count = 0
  for _ in pairs(back) do count = count + 1 end
  show(count, back[1], back[5])
  local nested = {a = {b = {c = 1}}}
  nested.a.b.c = nested.a.b.c + 1
  nested["a"]["b"].d = function(self, x) return self.c + x end
  show(nested.a.b.c, nested.a.b:d(10))
  local s = {}
  function s.f(x) return x * 2 end
  function s:g(x) self.v = x return self end
  show(s.f(4), s:g(3).v)
  show(s:g(1):g(2).v)
  local holes = {nil, nil, 3}
  show(holes[3])
  local removed = {1, 2, 3}
  removed[3] = nil
  show(#removed)
  removed[3] = 4
  show(#removed, removed[3])
  local e1, e2 = {}, {}
  show(e1 == e2, e1 == e1, e1 ~= e2)
end

local function metatables()
  local V = {}
  V.__index = V
  V.__add = function(a, b) return setmetatable({x = a.x + b.x}, V) end
  V.__eq = function(a, b) return a.x == b.x end
  V.__lt = function(a, b) return a.x < b.x end
  V.__le = function(a, b) return a.x <= b.x end
  V.__tostring = function(a) return "V(" .. a.x .. ")" end
  V.__concat = function(a, b) return tostring(a) .. "~" .. tostring(b) end
  V.__call = function(self, y) return self.x * y end
  V.__unm = function(a) return setmetatable({x = -a.x}, V) end
  V.__mul = function(a, b) if type(a) == "number" then return a * b.x end return a.x * b end
  V.get = function(self) return self.x end
  local a, b = setmetatable({x = 1}, V), setmetatable({x = 2}, V)
  show(tostring(a + b), a == b, a < b, a <= b, a > b, a .. b, a .. "s", "s" .. a, a(5), tostring(-a), 3 * b, b * 3, a:get())
  local log = {}
  local p = setmetatable({}, {__index = function(t, k) log[#log + 1] = k return k .. "!" end, __newindex = function(t, k, v) rawset(t, k, v * 2) end})
  show(p.foo, p.bar, #log)
  p.z = 21
  show(p.z, rawget(p, "z"), rawget(p, "none"))
  local chain = setmetatable({}, {__index = setmetatable({one = 1}, {__index = {two = 2}})})
  show(chain.one, chain.two, chain.three)
  local protected = setmetatable({}, {__metatable = "no"})
  show(getmetatable(protected), (pcall(setmetatable, protected, {})))
  show(getmetatable("x").__index == string, rawequal(a, a))
  local counter = 0
  setmetatable(_G, {__index = function(t, k) counter = counter + 1 return nil end})
  local _ = some_undefined_global
  setmetatable(_G, nil)
  show(counter)
  local d = setmetatable({}, {__index = function(_, k) return k end})
  show(d[1], d.x, d[true])
end

local function errors()
  show(pcall(error, "plain", 0))
  show(pcall(error))
  show(select("#", pcall(error, nil)))
  local ok, e = pcall(function() error({code = 5}) end)
  show(ok, type(e), e.code)
  show(xpcall(function() error("in x", 0) end, function(m) return "handled " .. m end))
  show(pcall(pcall, error, "x"))
  show(pcall(function() local ok, m = pcall(error, "inner", 0) error("outer " .. m, 0) end))
  show(pcall(string.rep, "x", -1))
  show(assert(1, "unused"), pcall(assert, false), pcall(assert, nil, "message"), pcall(assert, false, "m2"))
  show(pcall(function() return nil .. "x" end) == false)
  local function deep(n) return deep(n + 1) + 1 end
  show((pcall(deep, 1)))
  show(tostring(nil), tostring(true), tonumber("abc"), tonumber("12"), tonumber("0x1F"), tonumber("  7  "), tonumber("7x"), tonumber(""), tonumber("1e2"))
  show(tonumber("ff", 16), tonumber("777", 8), tonumber("zz", 36), tonumber("12", 2), tonumber("101", 2), tonumber(nil))
end

local function chunks()
  show(loadstring("return 1 + 1")())
  show(loadstring("syntax error here"))
  local f = loadstring("local a, b = ... return b, a")
  show(f(1, 2))
  x_global = 5
  show(loadstring("x_global = x_global + 1 return x_global")(), x_global, _G.x_global, _G["x_global"])
  _G.made = "via _G"
  show(made)
  local n = 0
  show(load(function() n = n + 1 return ({"return ", "4", "2"})[n] end)())
  local found = false
  for k in pairs(_G) do if k == "made" then found = true end end
  show(found, _VERSION)
end

-- Operands are evaluated once and from left to right.
local function order()
  local log = ""
  local function f(x) log = log .. x return x end
  local r = f(1) + f(2) * f(3) - f(4)
  r = f("a") .. f("b") .. f("c")
  r = f(1) < f(2)
  r = f(2) > f(1)
  local t = {f("k1"), [f("k2")] = f("v2")}
  local x = 1
  local function bump() x = x + 1 return x end
  show(log, x + bump(), bump() + x, x .. bump())
  local i = 1
  local function g() i = i + 1 return i end
  local arr = {g(), g(), g()}
  show(arr[1], arr[2], arr[3])
  local y = nil
  y = y or {}
  y.z = y.z or (y.w and 1) or 2
  show(y.z, y and y.z or 3, nil and nil or false)
end

function on_init()
  arithmetic()
  strings()
  closures()
  multiple()
  loops()
  tables()
  metatables()
  errors()
  chunks()
  order()
  return true
end
