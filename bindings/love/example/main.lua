--- A game's sign-in screen: type a name and a password, stay signed in, call an
-- API, sign out. Never a frame is lost: account.lua only ever polls.
--
--    python3 bindings/standin.py love bindings/love/example

-- Here ropc.lua is one folder up. In a game it lies beside main.lua, with the
-- folder ropc, and this line goes.
package.path = love.filesystem.getSource() .. "/../?.lua;" .. package.path

local ropc = require "ropc"
local account = require "account"
local Field = require "field"
local screen = require "screen"

-- What to sign in to: put your own here.
local config = {
  site = os.getenv "ROPC_SITE" or "acme.hub.loginradius.com",
  app = os.getenv "ROPC_APP" or "my-game",
  client_id = os.getenv "ROPC_CLIENT_ID" or "00000000-0000-0000-0000-000000000000",
}
local api = os.getenv "ROPC_API" or "https://acme.hub.loginradius.com/api/echo"

local password = ropc.secret(256)
local fields = { Field.new("User name"), Field.new("Password", password) }
local view = { focus = 1 }

local function sign_in()
  if fields[1]:empty() or fields[2]:empty() then
    view.focus = fields[1]:empty() and 1 or 2
  else
    account.sign_in(fields[1].content.text, password)
    password:wipe()
    view.focus = 2
  end
end

local signed_out_items = { fields[1], fields[2], { label = "Sign in", press = sign_in } }
local signed_in_items = {
  { label = "Call the API", press = function() account.call_api(api) end },
  { label = "Sign out", press = account.sign_out, plain = true },
}

--- The items of the one screen or the other.
local function show()
  local items = account.session and signed_in_items or signed_out_items
  if items ~= view.items then
    view.items, view.focus = items, 1
  end
  view.title = account.session and account.user or "Sign in"
  view.subtitle = config.site:gsub("^https?://", "")
  view.status = account.status
  view.doing, view.notice = account.doing, account.notice
  love.keyboard.setTextInput(items[view.focus].type ~= nil)
end

local function focused()
  return view.items[view.focus]
end

function love.load()
  love.keyboard.setKeyRepeat(true)
  local ca = os.getenv "ROPC_CA" -- A server whose certificate no public authority issued.
  if ca then
    local file = assert(io.open(ca, "rb"))
    config.ca = file:read "*a"
    file:close()
  end
  screen.load()
  account.open(config)
  show()
end

function love.update(dt)
  screen.elapsed = screen.elapsed + dt
  account.update()
  show()
end

function love.draw()
  screen.draw(view)
end

function love.textinput(text)
  if focused().type and not account.doing then
    focused():type(text)
    account.connect_ahead()
  end
end

local function press()
  if focused().press then
    focused().press()
  elseif view.focus == 1 then
    view.focus = 2
  else
    sign_in()
  end
end

function love.keypressed(key)
  local control = love.keyboard.isDown("lctrl", "rctrl", "lgui", "rgui")
  if key == "escape" then
    account.cancel()
  elseif key == "tab" then
    local step = love.keyboard.isDown("lshift", "rshift") and -1 or 1
    view.focus = (view.focus - 1 + step) % #view.items + 1
  elseif account.doing then
    return
  elseif key == "return" or key == "kpenter" then
    press()
  elseif key == "backspace" and focused().type then
    focused():backspace()
  elseif key == "v" and control and focused().type then
    focused():type(love.system.getClipboardText())
  end
end

function love.mousepressed(x, y, button)
  local hit = button == 1 and screen.at(view.items, x, y)
  if hit then
    view.focus = hit
    if focused().press and not account.doing then
      focused().press()
    end
  end
end

function love.quit()
  account.close()
end
