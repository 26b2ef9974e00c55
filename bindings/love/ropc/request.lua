--- Something that goes on beside the program, on a thread of the library.
--
-- What a client, a session or options begin is a request, started already. Ask
-- it every frame; or wait for it, where nothing has to be drawn:
--
--    function love.update()
--      if request then
--        local result, err = request:poll()
--        if result or err then request = nil end
--        ...
--      end
--    end
--
-- Keep it until it has ended, also when nobody cares for its result: one that
-- is collected is stopped. The result comes once: whoever asks again gets an
-- error "E_STATE".
-- @classmod ropc.request

local here = (...):gsub("%.request$", "")
local check = require(here .. ".check")
local core = require(here .. ".core")
local lib = require(here .. ".library")

local PENDING = core.enums.status.PENDING

local class = core.class("ropc request", lib.ropc_request_free)
local Request = class.methods

--- The result when it is there. Never blocks, allocates nothing while the
-- request is under way, and is compiled by the JIT: ask every frame.
-- @return nil while it is under way; else the result, which its maker tells
-- @treturn ?ropc.error why there is none
function Request:poll()
  if lib.ropc_request_poll(core.alive(self)) ~= PENDING then
    return self.take(self.handle)
  end
end

--- Waits until it has ended, but not longer than `seconds`. Blocks: for tools
-- and for threads of your own.
-- @tparam number seconds
-- @return what poll() then gives
function Request:wait(seconds)
  lib.ropc_request_wait(core.alive(self), check.ms("seconds", seconds))
  return self:poll()
end

--- How far it is, also after the result was taken. Never blocks.
-- @treturn string "PENDING", "OK", or what it failed with, such as "E_REFUSED"
function Request:status()
  return core.status_name(lib.ropc_request_poll(core.alive(self)))
end

--- Stops it. Returns at once; it ends as "E_CANCELLED" in a moment, unless it
-- had ended before: tokens that have come are never thrown away.
-- @treturn boolean true
function Request:cancel()
  return core.done(lib.ropc_request_cancel(core.alive(self)))
end

--- Frees it, and stops it if it is under way. Never blocks; more than once is
-- fine, and none is needed: the garbage collector does it too.
-- @function Request:free

--- Starts what was prepared. `take` gives the result for a pointer.
-- @local
local function started(take, pointer, err)
  if not pointer then
    return nil, err
  end
  local request = class.own(pointer)
  request.take = take
  local done, refused = core.call(nil, lib.ropc_request_start, pointer)
  if not done then
    request:free()
    return nil, refused
  end
  return request
end

--- Makes `take` out of a function of the library and of what owns the result.
-- @local
local function taker(cell, fn, own)
  return function(handle)
    local result, err = core.call(cell, fn, handle)
    if result and own then
      result = own(result)
    end
    return result, err
  end
end

return { started = started, taker = taker }
