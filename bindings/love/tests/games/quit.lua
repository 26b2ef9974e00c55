--- love headless quit HOW: ends with requests under way, in one of the ways that a game
-- ends: "shutdown" in love.quit, "plain" without, "exit" by os.exit, "close" by
-- os.exit that closes the Lua state, "error" by an error.

local ropc = require "ropc"
local here = require "here"

function love.errorhandler(message)
  assert(message:find("an error of the game", 1, true))
  return function() return 3 end
end

local how = arg[3]
local client = here.client()
local session = assert(client:session_login("ada", here.password):wait(20))
local requests = {}
for i = 1, 20 do
  requests[i] = assert(client:login("fault:never", here.password))
end
assert(session:refresh() == nil)

function love.update()
  assert(requests[1]:poll() == nil)
  if how == "exit" or how == "close" then
    os.exit(3, how == "close")
  elseif how == "error" then
    error "an error of the game"
  end
  love.event.quit(3)
end

function love.quit()
  if how == "shutdown" then
    assert(ropc.shutdown(10) == 0)
    local _, err = requests[1]:poll()
    assert(err.status == "E_CANCELLED")
  end
end
