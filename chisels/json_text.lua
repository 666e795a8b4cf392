-- JSON text out of Lua values and back. Arrays are tables with 1..n; an empty table is an array.

local json_text = {}

local ESCAPES = {
  ['"'] = '\\"', ["\\"] = "\\\\", ["\b"] = "\\b", ["\f"] = "\\f", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t",
}

--- Stands for `null` where nil cannot (inside arrays and objects).
json_text.null = setmetatable({}, { __tostring = function() return "null" end })

local function escape(c)
  return ESCAPES[c] or string.format("\\u%04x", string.byte(c))
end

function json_text.quote(text)
  return '"' .. string.gsub(text, '[%c"\\]', escape) .. '"'
end

local function number_text(n)
  if n ~= n or n == math.huge or n == -math.huge then
    return "null"
  end
  if n == math.floor(n) and n > -1e15 and n < 1e15 then
    return string.format("%d", n)
  end
  return (string.gsub(string.format("%.14g", n), ",", "."))
end

-- The length of a table that is an array (holes allowed, as null), or nil.
local function array_length(value)
  local count, last = 0, 0
  for key in pairs(value) do
    if type(key) ~= "number" or key < 1 or key ~= math.floor(key) then
      return nil
    end
    count = count + 1
    if key > last then last = key end
  end
  -- A few numbers spread wide are an object, not an array of mostly nulls.
  if last > 10 and last > count * 2 then
    return nil
  end
  return last
end

local encode

local function encode_table(value, open, path, options)
  if value == json_text.null then
    return "null"
  end
  if open[value] then
    error("cannot write a table that contains itself as JSON", 0)
  end
  open[value] = true
  local parts, left, right = {}, "{", "}"
  local length = array_length(value)
  if length then
    left, right = "[", "]"
    for i = 1, length do
      parts[i] = encode(value[i], open, path, options)
    end
  else
    local keys, seen = {}, {}
    for _, key in ipairs(options.keyorder or {}) do
      if value[key] ~= nil then
        keys[#keys + 1] = key
        seen[key] = true
      end
    end
    local rest = {}
    for key in pairs(value) do
      if not seen[key] then rest[#rest + 1] = key end
    end
    table.sort(rest, function(a, b) return tostring(a) < tostring(b) end)
    for i = 1, #rest do keys[#keys + 1] = rest[i] end
    for i = 1, #keys do
      local key = keys[i]
      parts[i] = json_text.quote(tostring(key)) .. ":" .. encode(value[key], open, path .. "  ", options)
    end
  end
  open[value] = nil
  if options.indent and not length and #parts > 0 then
    local inner = "\n" .. path .. "  "
    return left .. inner .. table.concat(parts, "," .. inner) .. "\n" .. path .. right
  end
  return left .. table.concat(parts, ",") .. right
end

encode = function(value, open, path, options)
  local kind = type(value)
  if kind == "table" then return encode_table(value, open, path, options) end
  if kind == "string" then return json_text.quote(value) end
  if kind == "number" then return number_text(value) end
  if kind == "boolean" then return value and "true" or "false" end
  if kind == "nil" then return "null" end
  error("cannot write a " .. kind .. " as JSON", 0)
end

--- JSON text of a value. options.indent: one object member per line; options.keyorder: names that come first.
function json_text.encode(value, options)
  return encode(value, {}, "", options or {})
end

local UNESCAPES = {
  b = "\b", f = "\f", n = "\n", r = "\r", t = "\t", ['"'] = '"', ["\\"] = "\\", ["/"] = "/",
}

local function utf8_text(code)
  local floor, char = math.floor, string.char
  if code < 0x80 then return char(code) end
  if code < 0x800 then return char(0xc0 + floor(code / 64), 0x80 + code % 64) end
  if code < 0x10000 then
    return char(0xe0 + floor(code / 4096), 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
  end
  return char(0xf0 + floor(code / 262144), 0x80 + floor(code / 4096) % 64, 0x80 + floor(code / 64) % 64, 0x80 + code % 64)
end

local function fail(text, at, what)
  local _, newlines = string.gsub(string.sub(text, 1, at), "\n", "")
  error({ message = what .. " at line " .. (newlines + 1) .. ", byte " .. at, at = at })
end

local function skip_blanks(text, at)
  return string.find(text, "[^ \t\r\n]", at) or #text + 1
end

local function parse_string(text, at)
  local parts, from = {}, at + 1
  while true do
    local stop = string.find(text, '["\\]', from)
    if not stop then
      fail(text, at, "unterminated string")
    end
    parts[#parts + 1] = string.sub(text, from, stop - 1)
    if string.sub(text, stop, stop) == '"' then
      return table.concat(parts), stop + 1
    end
    local kind = string.sub(text, stop + 1, stop + 1)
    from = stop + 2
    if kind == "u" then
      local digits = string.match(text, "^%x%x%x%x", from)
      if not digits then fail(text, stop, "bad \\u escape") end
      local code = tonumber(digits, 16)
      from = from + 4
      local low = string.match(text, "^\\u([dD][c-fC-F]%x%x)", from)
      if code >= 0xd800 and code <= 0xdbff and low then
        code = 0x10000 + (code - 0xd800) * 0x400 + tonumber(low, 16) - 0xdc00
        from = from + 6
      end
      parts[#parts + 1] = utf8_text(code)
    elseif UNESCAPES[kind] then
      parts[#parts + 1] = UNESCAPES[kind]
    else
      fail(text, stop, "unknown escape")
    end
  end
end

local WORDS = { ["true"] = true, ["false"] = false }

local parse_value

local function parse_array(text, at, null)
  local list, n = {}, 0
  at = skip_blanks(text, at + 1)
  if string.sub(text, at, at) == "]" then return list, at + 1 end
  while true do
    n = n + 1
    list[n], at = parse_value(text, at, null)
    at = skip_blanks(text, at)
    local c = string.sub(text, at, at)
    if c == "]" then return list, at + 1 end
    if c ~= "," then fail(text, at, "expected , or ] in an array") end
    at = at + 1
  end
end

local function parse_object(text, at, null)
  local object = {}
  at = skip_blanks(text, at + 1)
  if string.sub(text, at, at) == "}" then return object, at + 1 end
  while true do
    at = skip_blanks(text, at)
    if string.sub(text, at, at) ~= '"' then fail(text, at, "expected a member name") end
    local key
    key, at = parse_string(text, at)
    at = skip_blanks(text, at)
    if string.sub(text, at, at) ~= ":" then fail(text, at, "expected : after a member name") end
    object[key], at = parse_value(text, at + 1, null)
    at = skip_blanks(text, at)
    local c = string.sub(text, at, at)
    if c == "}" then return object, at + 1 end
    if c ~= "," then fail(text, at, "expected , or } in an object") end
    at = at + 1
  end
end

parse_value = function(text, at, null)
  at = skip_blanks(text, at)
  local c = string.sub(text, at, at)
  if c == "{" then return parse_object(text, at, null) end
  if c == "[" then return parse_array(text, at, null) end
  if c == '"' then return parse_string(text, at) end
  local number = string.match(text, "^-?%d+%.?%d*[eE]?[+-]?%d*", at)
  if number and tonumber(number) then return tonumber(number), at + #number end
  local word = string.match(text, "^%a+", at)
  if word == "null" then return null, at + 4 end
  if word and WORDS[word] ~= nil then return WORDS[word], at + #word end
  return fail(text, at, "expected a value")
end

--- The value in `text` from byte `at` (1) on, and the position behind it; nil, #text + 1 and a message if it is not
--- JSON. `null` is what null becomes (nil).
function json_text.decode(text, at, null)
  local ok, value, after = pcall(parse_value, text, at or 1, null)
  if ok then
    return value, after
  end
  if type(value) ~= "table" then error(value, 0) end
  return nil, #text + 1, value.message
end

return json_text
