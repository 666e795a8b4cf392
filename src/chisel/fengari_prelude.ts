/** Lua code that brings fengari's 5.3 libraries to what chisels written for LuaJIT (5.1) rely on. */
export const FENGARI_PRELUDE = `
local host = tsdig_host
tsdig_host = nil
local floor, ceil = math.floor, math.ceil
local rawpcall, rawxpcall, rawerror, rawload, rawtostring = pcall, xpcall, error, load, tostring
local type, select, pairs, next, getmetatable, rawset, rawget = type, select, pairs, next, getmetatable, rawset, rawget
local debug = debug
local unpack = table.unpack

_VERSION = "Lua 5.1"

local function whole(n) -- a position: fractions are cut
  if type(n) == "string" then n = host.tonumber(n) or n end
  if type(n) ~= "number" then return n end
  if n ~= n then return 0 end
  if n >= 2147483647 then return 2147483647 end
  if n <= -2147483647 then return -2147483647 end
  if n >= 0 then return floor(n) end
  return ceil(n)
end

-- An exit or an interrupt goes through every pcall.
local function after(ok, ...)
  if not ok and host.pending() then rawerror("exit", 0) end
  return ok, ...
end
function pcall(f, ...) return after(rawpcall(f, ...)) end
function xpcall(f, handler, ...) return after(rawxpcall(f, handler, ...)) end

function tostring(v)
  if type(v) == "number" then return (host.format("%s", v)) end
  return rawtostring(v)
end
function tonumber(v, base) return (host.tonumber(v, base)) end
function print(...)
  local n = select("#", ...)
  local t = {...}
  local line = {}
  for i = 1, n do line[i] = tostring(t[i]) end
  host.write(table.concat(line, "\\t") .. "\\n")
end

table.unpack = nil
function _G.unpack(t, i, j) return unpack(t, whole(i), whole(j)) end
function table.getn(t) return #t end
function table.maxn(t)
  local m = 0
  for k in pairs(t) do if type(k) == "number" and k > m then m = k end end
  return m
end
function table.foreach(t, f)
  for k, v in pairs(t) do local r = f(k, v) if r ~= nil then return r end end
end
function table.foreachi(t, f)
  for i = 1, #t do local r = f(i, t[i]) if r ~= nil then return r end end
end
local rawconcat, rawinsert, rawremove = table.concat, table.insert, table.remove
function table.concat(t, sep, i, j)
  local n = {}
  i = whole(i) or 1
  j = whole(j) or #t
  for k = i, j do
    local v = t[k]
    n[#n + 1] = type(v) == "number" and tostring(v) or v
    if v == nil or type(v) == "table" or type(v) == "boolean" then
      rawerror("invalid value (" .. (type(v)) .. ") at index " .. tostring(k) .. " in table for 'concat'", 2)
    end
  end
  return rawconcat(n, type(sep) == "number" and tostring(sep) or sep)
end
function table.insert(t, ...)
  local n = select("#", ...)
  if n == 1 then t[#t + 1] = (...) return end
  if n ~= 2 then rawerror("wrong number of arguments to 'insert'", 2) end
  local pos, v = ...
  pos = whole(pos)
  local last = #t + 1
  if pos > last then last = pos end
  for i = last, pos + 1, -1 do t[i] = t[i - 1] end
  t[pos] = v
end
function table.remove(t, pos)
  local n = #t
  if n == 0 then return nil end
  pos = whole(pos) or n
  if pos < 1 or pos > n then return nil end
  return rawremove(t, pos)
end

local rawsub, rawrep, rawbyte, rawfind, rawmatch, rawgsub, rawchar = string.sub, string.rep, string.byte, string.find, string.match, string.gsub, string.char
local function text(s) return type(s) == "number" and tostring(s) or s end
function string.sub(s, i, j) return rawsub(text(s), whole(i), whole(j)) end
function string.rep(s, n) return rawrep(text(s), whole(n)) end
function string.byte(s, i, j) return rawbyte(text(s), whole(i), whole(j)) end
function string.find(s, p, init, plain) return rawfind(text(s), text(p), whole(init), plain) end
function string.match(s, p, init) return rawmatch(text(s), text(p), whole(init)) end
function string.gsub(s, p, r, n)
  if type(r) == "number" then r = tostring(r) end
  if type(r) == "string" then
    -- 5.1 takes % before any other character as that character.
    r = rawgsub(r, "%%([^%d%%])", function(c) return c == "%" and "%%%%" or c end)
  end
  return rawgsub(text(s), text(p), r, whole(n))
end
string.gfind = nil
function string.char(...)
  local t = {...}
  for i = 1, select("#", ...) do t[i] = whole(t[i]) end
  return rawchar(unpack(t, 1, select("#", ...)))
end
function string.format(...)
  local t = {...}
  for i = 2, select("#", ...) do
    local v = t[i]
    local k = type(v)
    if k ~= "number" and k ~= "string" then t[i] = tostring(v) end
  end
  return (host.format(unpack(t, 1, select("#", ...))))
end
string.pack, string.unpack, string.packsize = nil, nil, nil
utf8 = nil

local rawrandom, rawseed, rawlog, rawfloor, rawceil = math.random, math.randomseed, math.log, math.floor, math.ceil
function math.floor(x) if type(x) ~= "number" then x = tonumber(x) end local m = x % 1 if m ~= m then return x end return x - m end
function math.ceil(x) if type(x) ~= "number" then x = tonumber(x) end local m = -x % 1 if m ~= m then return x end return x + m end
floor, ceil = rawfloor, rawceil
function math.abs(x) x = tonumber(x) if x < 0 then return -x end return x end
function math.random(a, b)
  local r = rawrandom()
  if a == nil then return r end
  if b == nil then a, b = 1, a end
  return math.floor(r * (b - a + 1)) + a
end
function math.randomseed() end
function math.log(x) return rawlog(x) end
local rawatan = math.atan
function math.atan(x) return rawatan(x) end
function math.atan2(y, x) return rawatan(y, x) end
function math.pow(a, b) return a ^ b end
function math.log10(x) return rawlog(x, 10) end
function math.mod(a, b) return math.fmod(a, b) end
math.mod = nil
function math.fmod(a, b)
  if b == 0 then return 0 / 0 end
  local q = a / b
  q = q >= 0 and math.floor(q) or math.ceil(q)
  return a - q * b
end
function math.modf(x)
  local i = x >= 0 and math.floor(x) or math.ceil(x)
  if x == i then return i, 0 end
  return i, x - i
end
function math.ldexp(m, e) return m * 2 ^ e end
function math.frexp(x)
  if x == 0 or x ~= x or x == 1 / 0 or x == -1 / 0 then return x, 0 end
  local e = math.floor(rawlog(x < 0 and -x or x, 2)) + 1
  local m = x / 2 ^ e
  if (m < 0 and -m or m) >= 1 then m, e = m / 2, e + 1 end
  if (m < 0 and -m or m) < 0.5 then m, e = m * 2, e - 1 end
  return m, e
end
function math.sinh(x) return (math.exp(x) - math.exp(-x)) / 2 end
function math.cosh(x) return (math.exp(x) + math.exp(-x)) / 2 end
function math.tanh(x) local a, b = math.exp(x), math.exp(-x) if a == 1 / 0 then return 1 elseif b == 1 / 0 then return -1 end return (a - b) / (a + b) end
math.tointeger, math.type, math.ult, math.maxinteger, math.mininteger = nil, nil, nil, nil, nil

io, os, bit = host.io, host.os, host.bit
package.loaded.io, package.loaded.os, package.loaded.bit = io, os, bit

function collectgarbage() return 0 end
gcinfo = collectgarbage

local function upvalue(f, wanted)
  for i = 1, 255 do
    local n = debug.getupvalue(f, i)
    if n == nil then return nil end
    if n == wanted then return i end
  end
end
local function target(f)
  if type(f) == "function" then return f end
  local info = debug.getinfo((f or 1) + 2, "f")
  return info and info.func
end
function setfenv(f, env)
  local fn = target(f)
  if f == 0 or fn == nil then return end
  local i = upvalue(fn, "_ENV")
  if i then debug.upvaluejoin(fn, i, function() return env end, 1) debug.setupvalue(fn, i, env) end
  return fn
end
function getfenv(f)
  local fn = f ~= 0 and target(f) or nil
  local i = fn and upvalue(fn, "_ENV")
  if not i then return _G end
  local _, env = debug.getupvalue(fn, i)
  return env
end
function load(chunk, chunkname, mode, env)
  if env ~= nil then return rawload(chunk, chunkname, "t", env) end
  return rawload(chunk, chunkname, "t")
end
function loadstring(s, chunkname) return rawload(s, chunkname or s, "t") end
function module(modname, ...)
  local m = package.loaded[modname]
  if type(m) ~= "table" then m = {} package.loaded[modname] = m end
  _G[modname] = m
  m._M, m._NAME, m._PACKAGE = m, modname, ""
  for i = 1, select("#", ...) do (select(i, ...))(m) end
  setfenv(2, m)
end
function package.seeall(m) setmetatable(m, { __index = _G }) end

package.searchers = nil
package.loaders = {}
package.path = "" package.cpath = ""
function require(modname)
  local v = package.loaded[modname]
  if v ~= nil then return v end
  local loader = package.preload[modname]
  local path
  if loader == nil then
    local source
    source, path = host.find(modname)
    if source == nil then rawerror("module '" .. tostring(modname) .. "' not found", 2) end
    local err
    loader, err = rawload(source, "@" .. path, "t")
    if loader == nil then rawerror(err, 0) end
  end
  package.loaded[modname] = true
  local r = loader(modname)
  if r ~= nil then package.loaded[modname] = r end
  return package.loaded[modname]
end
function rawlen() end
rawlen = nil
jit = { version = "tsdig", os = "Linux", arch = "x64", on = function() end, off = function() end, flush = function() end, opt = { start = function() end }, status = function() return false end }
`;
