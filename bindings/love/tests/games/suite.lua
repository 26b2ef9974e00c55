--- love headless suite NAME: runs a suite, a step in each frame of LÖVE's loop.

local step = require "runner" (require("suites." .. arg[3]), love.timer.getTime)

function love.update()
  local more, failed = step()
  if not more then
    love.event.quit(failed == 0 and 0 or 1)
  end
end
