--- Plays with the example's screen as a person would, by events of LÖVE's own
-- queue, looks at what is drawn, and counts the frames that were lost to it.
-- run.py puts it behind main.lua in a copy of the example; ROPC_TEST_VISIT says
-- which of the visits below it is.

local account = require "account"

local folder = os.getenv "ROPC_TEST_SHOTS"
local FRAME = 1 / 60

-- All that the example does outside of drawing, timed.
local spent, longest, frames, lost = 0, 0, 0, 0
for _, name in ipairs { "update", "textinput", "keypressed", "mousepressed" } do
  local inner = love[name]
  love[name] = function(...)
    local began = love.timer.getTime()
    inner(...)
    spent = spent + love.timer.getTime() - began
  end
end

local function frame()
  coroutine.yield()
end

local function until_so(what, condition)
  local deadline = love.timer.getTime() + 30
  while not condition() do
    assert(love.timer.getTime() < deadline, "not within 30 s: " .. what)
    frame()
  end
end

local function type_in(text)
  for _, code in require "utf8".codes(text) do
    love.event.push("textinput", require "utf8".char(code))
  end
end

local function press(key)
  love.event.push("keypressed", key, key, false)
  love.event.push("keyreleased", key, key)
end

--- What is drawn, after a frame or two in which it settles.
local function picture()
  local data
  frame()
  love.graphics.captureScreenshot(function(image) data = image end)
  until_so("a picture", function() return data end)
  return data
end

local function pixel(data, x, y)
  local r, g, b = data:getPixel(x, y)
  return ("%02x%02x%02x"):format(r * 255 + 0.5, g * 255 + 0.5, b * 255 + 0.5)
end

--- Saves what is drawn, and says what is wrong with it: its size, or that there
-- is nothing to see.
local function shot(name)
  local data = picture()
  local file = assert(io.open(folder .. "/" .. name .. ".png", "wb"))
  file:write(data:encode("png"):getString())
  file:close()
  local width, height = data:getDimensions()
  assert(width == 800 and height == 600, width .. "x" .. height)
  local seen, lit = {}, 0
  for y = 0, height - 1, 2 do
    for x = 0, width - 1, 2 do
      local color = pixel(data, x, y)
      lit = lit + ((seen[color] or color ~= pixel(data, 0, 0)) and 1 or 0)
      seen[color] = true
    end
  end
  local colors = 0
  for _ in pairs(seen) do
    colors = colors + 1
  end
  assert(colors > 20 and lit > 20000, ("%s: %d colours, %d lit"):format(name, colors, lit))
  return data
end

--- How many pixels of a rectangle differ between two pictures.
local function differ(one, other, x, y, width, height)
  local count = 0
  for i = x, x + width - 1 do
    for j = y, y + height - 1 do
      count = count + (pixel(one, i, j) ~= pixel(other, i, j) and 1 or 0)
    end
  end
  return count
end

--- Types a name and a password, the way there by Enter, and enters them.
local function enter(name, password, old_name)
  for _ = 1, #(old_name or "") do
    press "backspace"
  end
  type_in(name)
  press "return"
  type_in(password)
  frame()
  press "return"
end

--- Signs in and waits for the end; back at the name's field if it failed.
local function try(name, password, old_name)
  account.notice = nil
  enter(name, password, old_name)
  until_so("something under way", function() return account.doing or account.notice or account.session end)
  until_so("the end of it", function() return not account.doing end)
end

--- A password's field keeps what is typed to itself.
local function check_field()
  local field = require "field".new("Password", require "ropc".secret(8))
  for _, text in ipairs { "a", "é\n", "\255", "→€", "x" } do
    field:type(text)
  end
  assert(field:shown() == "•••", field:shown()) -- "→€" did not fit.
  field:backspace()
  field:backspace()
  assert(field:shown() == "•" and field.content.bytes[1] == 0)
end

--- A picture of the signed-in screen with this to tell of the session.
local function picture_of(message)
  local status, data = { state = "WAITING", last_message = message }, nil
  repeat -- The account asks for the true status once a second.
    account.status = status
    data = picture()
  until account.status == status
  return data
end

local visits = {}

--- Everything that goes wrong, then a sign-in and an API call.
function visits.first()
  check_field()
  shot "1-empty"
  type_in "øda"
  for _ = 1, 3 do
    press "backspace"
  end
  press "backspace" -- Nothing is left to remove.
  type_in "ada"
  press "tab"
  type_in "wröngg"
  press "backspace"
  local typed = shot "2-typed"
  type_in "é"
  frame()
  assert(differ(typed, picture(), 212, 224, 200, 58) > 20, "another character makes another dot")
  press "return"
  until_so("a refusal", function() return account.notice end)
  assert(account.notice.bad and account.notice.text:find("Wrong user name or password.", 1, true), account.notice.text)
  shot "3-wrong-password"

  press "tab" press "tab"
  try("locked", "correct horse", "ada")
  assert(account.notice.text:find "locked until %d%d:%d%d", account.notice.text)
  shot "4-locked"
  press "tab" press "tab"
  try("mfa", "correct horse", "locked")
  assert(account.notice.text:find("second factor", 1, true), account.notice.text)
  shot "5-second-factor"

  press "tab" press "tab"
  enter("fault:never", "correct horse", "mfa")
  until_so("a sign-in under way", function() return account.doing end)
  local before = shot "6-under-way"
  for _ = 1, 8 do
    frame()
  end
  local spinner = { 208, 356, 28, 28 }
  assert(differ(before, picture(), unpack(spinner)) > 20, "the spinner turns")
  press "escape"
  until_so("its end", function() return not account.doing end)
  assert(account.notice.text == "Stopped." and not account.notice.bad)

  press "tab" press "tab"
  try("ada", "correct horse", "fault:never")
  assert(account.session, account.notice and account.notice.text)
  until_so("a status", function() return account.status end)
  shot "7-signed-in"
  press "return"
  until_so("a call under way", function() return account.doing or account.notice end)
  until_so("an answer", function() return account.notice end)
  assert(account.notice.text == "The API answered 200." and account.notice.detail:find('"user":"ada"', 1, true))
  shot "8-api-call"
end

--- Started again: signed in at once; then out, by a click.
function visits.second()
  assert(account.session and account.user == "ada", "signed in from the start")
  assert(account.session:token())
  until_so("a status", function() return account.status end)
  shot "9-started-again"
  local button = { 212, 210, 376, 44 }
  assert(differ(picture_of "short", picture_of(("long "):rep(60)), unpack(button)) == 0, "a text is under the button")
  love.event.push("mousepressed", 400, 290, 1, false, 1)
  until_so("a sign-out under way", function() return account.doing or not account.session end)
  until_so("its end", function() return account.notice end)
  assert(not account.session and not account.notice.bad)
  shot "10-signed-out"
end

--- A sign-out that is stopped before its turn leaves the player signed in.
function visits.stopped()
  try("ada", "correct horse")
  assert(account.session, account.notice and account.notice.text)
  local ropc = require "ropc"
  local ca = assert(io.open(os.getenv "ROPC_CA", "rb")):read "*a"
  local client = assert(ropc.client { site = os.getenv "ROPC_SITE", app = os.getenv "ROPC_APP",
    client_id = os.getenv "ROPC_CLIENT_ID", ca = ca })
  assert(ropc.set_workers(1))
  local before = assert(client:login("fault:never", "correct horse"))
  press "tab"
  press "return"
  until_so("a sign-out under way", function() return account.doing end)
  press "escape"
  until_so("its end", function() return account.notice end)
  assert(account.notice.text == "Stopped.", account.notice.text)
  assert(account.session and account.session:token(), "still signed in")
  before:free()
  assert(ropc.set_workers(8))
end

--- Signs in and calls the API, wherever somebody was signed in before.
function visits.signs_in()
  assert(not account.session and not account.notice, account.notice and account.notice.text)
  try("ada", "correct horse")
  assert(account.session, account.notice and account.notice.text)
  until_so("a status", function() return account.status end)
  assert(account.status.state == "SIGNED_IN", account.status.last_message)
  press "return"
  until_so("an answer", function() return account.notice end)
  assert(account.notice.text == "The API answered 200.", account.notice.detail)
end

--- And again: nobody is.
function visits.third()
  assert(not account.session and not account.user and not account.notice)
end

local visit = coroutine.create(visits[os.getenv "ROPC_TEST_VISIT"])
local update = love.update

function love.update(dt)
  update(dt)
  frames, longest = frames + 1, math.max(longest, spent)
  if spent > FRAME then
    lost = lost + 1
  end
  spent = 0
  local fine, message = coroutine.resume(visit)
  if not fine then
    error(debug.traceback(visit, tostring(message)))
  elseif coroutine.status(visit) == "dead" then
    print(("FRAMES %d, lost %d, at most %.2f ms in one"):format(frames, lost, longest * 1000))
    love.event.quit()
  end
end
