--- A password that can be wiped.
--
-- A Lua string cannot: it stays in memory until the garbage collector comes
-- by, and then as it was. So a text field may keep what is typed in here,
-- and give this in place of the string to login() and session_login().
-- @classmod ropc.secret

local here = (...):gsub("%.secret$", "")
local ffi = require "ffi"
local check = require(here .. ".check")
local lib = require(here .. ".library")

local Secret = {}
Secret.__index = Secret

function Secret.__tostring()
  return "ropc.secret"
end

--- How many bytes at the end of a UTF-8 text are its last character.
local function last_character(bytes, size)
  local first = size - 1
  while first > 0 and bytes[first] >= 0x80 and bytes[first] < 0xC0 do
    first = first - 1
  end
  return size - first
end

--- Adds what was typed. False, and nothing is added, when it does not fit.
-- @tparam string text UTF-8
-- @treturn boolean
function Secret:append(text)
  if self.size + #text > self.capacity then
    return false
  end
  ffi.copy(self.bytes + self.size, text, #text)
  self.size = self.size + #text
  return true
end

--- Takes the last character away, whatever its length in bytes.
function Secret:backspace()
  if self.size > 0 then
    local count = last_character(self.bytes, self.size)
    self.size = self.size - count
    lib.ropc_wipe(self.bytes + self.size, count)
  end
end

--- How many characters it has: that many dots to draw.
-- @treturn number
function Secret:length()
  local characters = 0
  for i = 0, self.size - 1 do
    if self.bytes[i] < 0x80 or self.bytes[i] >= 0xC0 then
      characters = characters + 1
    end
  end
  return characters
end

--- Overwrites it. It can be typed into again.
function Secret:wipe()
  lib.ropc_wipe(self.bytes, self.capacity)
  self.size = 0
end

--- A password that is still empty; wiped when it is collected, too.
-- @function ropc.secret
-- @tparam[opt=1024] number capacity most bytes it can hold, up to 2^30
-- @treturn Secret
return function(capacity)
  capacity = check.whole("capacity", capacity or 1024, 2 ^ 30)
  local bytes = ffi.gc(ffi.new("uint8_t[?]", capacity), function(memory) lib.ropc_wipe(memory, capacity) end)
  return setmetatable({ bytes = bytes, size = 0, capacity = capacity }, Secret)
end
