--- What a program gives, looked at before C sees it. A mistake raises an error
-- at the program's own line, which LÖVE shows on the screen: so no text of it
-- holds a string that was given, which may be a secret in the wrong place.
-- @local
-- @module ropc.check

local here = (...):gsub("%.check$", "")
local enums = require(here .. ".cdef").enums

local check = {}

-- Where this binding lies, as Lua names it: ".../ropc" of ".../ropc/check.lua".
local folder = debug.getinfo(1, "S").source:match "^(.*)[/\\]check%.lua$"

--- Whether a function's source is this binding's.
local function ours(source)
  return folder and source:sub(1, #folder) == folder and source:find("^[/\\.]", #folder + 1) ~= nil
end

--- Raises an error at the first line that is not of this binding.
function check.mistake(text)
  local level = 2
  local info = debug.getinfo(level, "S")
  while info and ours(info.source) do
    level = level + 1
    info = debug.getinfo(level, "S")
  end
  error(text, level)
end

--- What may be told of a value.
local function told(value)
  return type(value) == "number" and tostring(value) or "a " .. type(value)
end

--- A whole number up to `most`: C would take another for one in its range.
function check.whole(name, value, most)
  if type(value) ~= "number" or not (value >= 0 and value <= most) or value ~= math.floor(value) then
    check.mistake(("%s must be a whole number from 0 to %.0f, not %s"):format(name, most, told(value)))
  end
  return value
end

--- Seconds as the library's milliseconds, rounded up: what is asked for is
-- never shortened to nothing.
function check.ms(name, seconds)
  if type(seconds) ~= "number" or seconds < 0 or seconds ~= seconds then
    check.mistake(("%s must be a number of seconds, 0 or more, not %s"):format(name, told(seconds)))
  end
  return math.min(math.ceil(seconds * 1000), 0xffffffff)
end

--- The number that a name has in an enum.
function check.choice(name, enum, value)
  local number = enums[enum][value]
  if number == nil then
    local names = {}
    for one in pairs(enums[enum]) do
      names[#names + 1] = one
    end
    table.sort(names)
    check.mistake(("%s must be one of %s"):format(name, table.concat(names, ", ")))
  end
  return number
end

function check.text(name, value)
  if type(value) ~= "string" then
    check.mistake(("%s must be a string, not a %s"):format(name, type(value)))
  end
  return value
end

--- A boolean, or nil for false, as C has it.
function check.flag(name, value)
  if value ~= nil and type(value) ~= "boolean" then
    check.mistake(("%s must be true or false, not %s"):format(name, told(value)))
  end
  return value and 1 or 0
end

--- The name of a member or header, as C is to see it.
function check.name(value)
  if check.text("a name", value):find("\0", 1, true) then
    check.mistake("a name must have no NUL byte")
  end
  return value
end

--- A table of which all is seen that is in it: what a metatable would add is
-- not met by pairs().
function check.plain(name, value)
  if type(value) ~= "table" then
    check.mistake(("%s must be a table, not %s"):format(name, told(value)))
  elseif getmetatable(value) ~= nil then
    check.mistake(name .. " must be a table without a metatable")
  end
  return value
end

--- A list, of which ipairs() meets all: one that has a hole, or is a single
-- entry without the list around it, would be cut short without a word.
function check.list(name, value)
  local count = 0
  for _ in pairs(check.plain(name, value)) do
    count = count + 1
  end
  for i = 1, count do
    if value[i] == nil then
      check.mistake(name .. " must be a list without holes: { one, another }")
    end
  end
  return value
end

return check
