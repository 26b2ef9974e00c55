-- Runs the Lua that a page shows, with what it takes for granted around it, and a LÖVE of a few functions.
--
--     luajit around.lua FILE PAGE

local path, page = ...
local file = assert(io.open(path, "rb"))
local text = file:read "*a"
file:close()
local lines = assert(loadstring(text, "@" .. page))

local busy = 0
local updates = 0

love = {
  filesystem = {
    createDirectory = function() return true end,
    getSaveDirectory = function() return "." end,
  },
}

function show(...) print(...) end
function draw_frame() os.execute "sleep 0.001" end

user, password = os.getenv "SNIPPET_USER", "correct horse"

local ropc_module = require "ropc"
if not text:find('require "ropc"', 1, true) then
  ropc = ropc_module
  local site = os.getenv "SNIPPET_SITE"
  local pem = assert(io.open("company-ca.pem", "rb"))
  client = assert(ropc.client {
    site = site, app = "demo", client_id = "demo-client", ca = pem:read "*a", api_key = "standin-api-key",
    endpoints = { IDENTITY = site }, api_origins = { site },
  })
  pem:close()
  store = assert(ropc.file_store "store")
  session = assert(assert(client:session_login("ada", password, store)):wait(20))
end

-- What failed before the page's lines begin is none of their failures.
assert(io.open(os.getenv "SNIPPET_FAILURES", "w")):close()

-- A page's update() has nothing more to do once it has said something.
local said = false
function welcome() said = true; print "welcome" end
local plain_show = show
function show(...) said = true; plain_show(...) end

lines()

while love.update and not said and updates < 5000 do
  updates = updates + 1
  love.update(0.016)
  draw_frame()
end
if love.quit then love.quit() end
