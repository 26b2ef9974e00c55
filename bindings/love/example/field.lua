--- A line of text to type into, for people who write in any script: it takes
-- and removes whole characters.

local utf8 = require "utf8"

local Field = {}
Field.__index = Field

--- Keeps text in a string; a ropc.secret has the same methods.
local Plain = {}
Plain.__index = Plain

function Plain:append(text)
  if #self.text + #text > 256 then
    return false
  end
  self.text = self.text .. text
  return true
end

function Plain:backspace()
  local last = utf8.offset(self.text, -1)
  if last then
    self.text = self.text:sub(1, last - 1)
  end
end

function Plain:length()
  return utf8.len(self.text)
end

function Plain:wipe()
  self.text = ""
end

--- A field with a label; with a ropc.secret it shows dots.
function Field.new(label, secret)
  return setmetatable({ label = label, masked = secret ~= nil,
    content = secret or setmetatable({ text = "" }, Plain) }, Field)
end

--- Adds what was typed or pasted, without control characters; what is no UTF-8
-- (a clipboard may hold anything) is left out.
function Field:type(text)
  text = text:gsub("%c", "")
  if utf8.len(text) then
    self.content:append(text)
  end
end

function Field:backspace()
  self.content:backspace()
end

function Field:empty()
  return self.content:length() == 0
end

--- What to draw.
function Field:shown()
  return self.masked and ("•"):rep(self.content:length()) or self.content.text
end

return Field
