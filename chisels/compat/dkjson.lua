-- For chisels written for sysdig: `require "dkjson"`, JSON with the functions of that library that chisels use.

local json_text = require "json_text"

local dkjson = {
  version = "dkjson 2.5",
  null = json_text.null,
  quotestring = json_text.quote,
}

--- JSON text. state: { indent = bool, keyorder = array of names }.
function dkjson.encode(value, state)
  return json_text.encode(value, state)
end

--- The value, and the position behind it; on errors nil, a position and a message.
function dkjson.decode(text, position, null)
  return json_text.decode(text, position, null)
end

--- There is no second, pattern-library implementation: this one serves.
function dkjson.use_lpeg()
  return dkjson
end

--- Adds a line break to state.buffer, as encode would with state.indent.
function dkjson.addnewline(state)
  if state.indent then
    state.bufferlen = (state.bufferlen or #state.buffer) + 1
    state.buffer[state.bufferlen] = "\n" .. string.rep("  ", state.level or 0)
  end
end

return dkjson
