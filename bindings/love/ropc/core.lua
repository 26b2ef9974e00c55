--- What the parts of the binding share: the way into the library, errors, and
-- objects that free what they hold.
-- @local
-- @module ropc.core

local here = (...):gsub("%.core$", "")
local ffi = require "ffi"
local cdef = require(here .. ".cdef")
local check = require(here .. ".check")
local lib = require(here .. ".library")

local core = { enums = cdef.enums }

local OK = cdef.enums.status.OK

-- Where the library puts what a call gives. One of each will do: a Lua state
-- is used by one thread at a time, and the library never calls back into it.
core.failure = ffi.new("ropc_error *[1]")
core.cells = {}
for _, name in ipairs { "client", "options", "request", "session", "store", "tokens", "token", "response",
  "session_info" } do
  core.cells[name] = ffi.new("ropc_" .. name .. " *[1]")
end
core.cells.text = ffi.new("char *[1]")

--- A number's name in an enum that the library has no names for.
local function name_in(enum, number)
  for name, value in pairs(cdef.enums[enum]) do
    if value == number then
      return name
    end
  end
  return tostring(number)
end

--- A text of the library's as a string; nil for NULL.
function core.text(pointer)
  if pointer ~= nil then
    return ffi.string(pointer)
  end
end

--- A 64-bit integer as a number; nil for 0, which means unknown.
function core.known(integer)
  if integer ~= 0 then
    return tonumber(integer)
  end
end

function core.status_name(number)
  return (ffi.string(lib.ropc_status_name(number)):gsub("^ROPC_", ""))
end

function core.reason_name(number)
  return (ffi.string(lib.ropc_reason_name(number)):gsub("^ROPC_REASON_", ""))
end

function core.state_name(number)
  return name_in("session_state", number)
end

function core.level_name(number)
  return name_in("log", number)
end

--- A class whose objects hold one pointer in `handle`, nil once freed. `fields`,
-- if any, reads what is no method from the struct.
function core.class(name, free, fields)
  local class, methods = {}, {}

  --- Frees it now rather than when the garbage collector comes by. Once or
  -- more often; whatever uses it afterwards raises an error.
  function methods:free()
    local pointer = self.handle
    if pointer ~= nil then
      self.handle = nil
      ffi.gc(pointer, nil)
      free(pointer)
    end
  end

  if fields then
    function class.__index(object, key)
      if methods[key] then
        return methods[key]
      elseif key == "handle" then
        return nil
      end
      return fields(core.alive(object), key)
    end

    function class.__newindex()
      check.mistake(name .. " cannot be changed")
    end
  else
    class.__index = methods
  end

  -- Not what it holds: that may be secret.
  function class.__tostring()
    return name
  end

  --- An object that owns `pointer`. Its C function may be called when Lua has let
  -- go of the library already: that stays loaded once it was.
  function class.own(pointer)
    return setmetatable({ handle = ffi.gc(pointer, free) }, class)
  end

  class.methods = methods
  return class
end

--- What an object holds. One that was freed, and what is none, raise an
-- error, as a closed file of Lua's does.
function core.alive(object)
  local pointer = type(object) == "table" and rawget(object, "handle")
  if not pointer then
    local what = type(object) == "table" and tostring(object) .. " was freed"
      or "an object of ropc is wanted, not a " .. type(object) .. "; methods are called with a colon"
    check.mistake(what)
  end
  return pointer
end

local Failure = {}
Failure.__index = Failure

function Failure:__tostring()
  return self.message
end

--- Another member of the error's body as JSON text, nil when there is none:
-- see ropc.lua.
function Failure:extra(name)
  name = check.name(name)
  return self.handle and core.text(lib.ropc_error_extra(self.handle, name))
end

-- The reasons of the failures that the library gives no more than a status for.
local REASONS = { E_ARG = "ARGUMENT", E_STATE = "STATE", E_BUG = "BUG" }
local MESSAGES = {
  E_ARG = "An argument is wrong. Correct it; nothing was sent.",
  E_STATE = "That cannot be done now. Use the object as its documentation says.",
  SAVE_FIRST = "New tokens are to be saved before they are used: session:pending(), then session:saved().",
}

--- An error made of a status.
function core.bare_error(status, message)
  local name = core.status_name(status)
  return setmetatable({
    status = name,
    reason = REASONS[name] or name,
    stage = "NONE",
    request_sent = false,
    retryable = false,
    message = message or MESSAGES[name] or "The library answered " .. name .. ".",
    advice = "",
  }, Failure)
end

--- What a call that failed with `status` left in core.failure.
function core.error(status)
  local e = core.failure[0]
  if e == nil then
    return core.bare_error(status)
  end
  return setmetatable({
    handle = ffi.gc(e, lib.ropc_error_free),
    status = core.status_name(e.status),
    reason = core.reason_name(e.reason),
    stage = name_in("stage", e.stage),
    http_status = core.known(e.http_status),
    provider_code = core.known(e.provider_code),
    retry_after = e.retry_after_ms > 0 and tonumber(e.retry_after_ms) / 1000 or nil,
    locked_until = core.known(e.locked_until_at),
    server_date_at = core.known(e.server_date_at),
    request_sent = e.request_sent ~= 0,
    retryable = e.retryable ~= 0,
    message = ffi.string(e.message),
    advice = ffi.string(lib.ropc_reason_advice(e.reason)),
    oauth_error = core.text(e.oauth_error),
    oauth_description = core.text(e.oauth_description),
    provider_message = core.text(e.provider_message),
    provider_description = core.text(e.provider_description),
  }, Failure)
end

--- An error when one of the texts holds a NUL byte: C would take it for the
-- end, and what comes after would be lost without a word.
function core.refuse_nul(...)
  for i = 1, select("#", ...) do
    local text = (select(i, ...))
    if type(text) == "string" and text:find("\0", 1, true) then
      return core.bare_error(core.enums.status.E_ARG,
        "A text holds a NUL byte, where C would take it to end. Give one without.")
    end
  end
end

-- The strings that C arrays point to.
local anchors = setmetatable({}, { __mode = "k" })

--- A table of name = value, called `what`, as two C arrays and their length;
-- or nil and an error when one holds a NUL byte.
function core.arrays(what, fields)
  local names, values = {}, {}
  for name, value in pairs(check.plain(what, fields or {})) do
    local refused = core.refuse_nul(name, value)
    if refused then
      return nil, refused
    end
    names[#names + 1], values[#values + 1] = name, value
  end
  local c_names, c_values = ffi.new("const char *[?]", #names, names), ffi.new("const char *[?]", #names, values)
  anchors[c_names], anchors[c_values] = names, values
  return c_names, c_values, #names
end

--- Calls a function of the library whose last parameters are `cell`, if there
-- is one, and core.failure. Gives the pointer it put into the cell, or true;
-- or nil and an error.
function core.call(cell, fn, ...)
  local arguments, count = { ... }, select("#", ...)
  if cell then
    count = count + 1
    arguments[count] = cell
  end
  arguments[count + 1] = core.failure
  local status = fn(unpack(arguments, 1, count + 1))
  if status ~= OK then
    return nil, core.error(status)
  elseif cell then
    return cell[0]
  end
  return true
end

--- core.call() for arguments of which no text may hold a NUL byte.
function core.call_text(cell, fn, ...)
  local refused = core.refuse_nul(...)
  if refused then
    return nil, refused
  end
  return core.call(cell, fn, ...)
end

--- true, or nil and an error, for a function that gives a status only.
function core.done(status)
  if status == OK then
    return true
  end
  return nil, core.bare_error(status)
end

--- A text that is the caller's to free, which is done here.
function core.own_text(pointer)
  if pointer ~= nil then
    local text = ffi.string(pointer)
    lib.ropc_string_free(pointer)
    return text
  end
end

return core
