--- Signs users in with a name and a password from LÖVE 11 and LuaJIT: to
-- LoginRadius, or to any OAuth 2.0 server (RFC 6749, 4.3).
--
--    local ropc = require "ropc"
--
--    local client = assert(ropc.client {
--      site = "acme.hub.loginradius.com", app = "my-game", client_id = "..." })
--    local request
--
--    function sign_in(user, password)
--      request = assert(client:login(user, password))
--    end
--
--    function love.update()
--      local tokens, err
--      if request then
--        tokens, err = request:poll()    -- never blocks
--      end
--      if tokens or err then request = nil end
--      if tokens then greet(tokens) end
--      if err then show(err.message, err.advice) end
--    end
--
--    function love.quit()
--      ropc.shutdown(1)
--    end
--
-- It calls the library of include/ropc.h through LuaJIT's ffi and has no logic
-- of its own. What can fail gives `nil` and an error; a mistake of the program
-- (a wrong type, an option that there is not, something that was freed) raises
-- one. Names of states and kinds are those of the header without what they
-- begin with: "WRONG_CREDENTIALS", "E_TIMEOUT". Times are in seconds.
--
-- Only functions that say so block. What blocks in C is a request here, whose
-- `wait(seconds)` blocks. The library never calls into Lua: no ffi callback is
-- made, for those end the program when they come from code that the JIT has
-- compiled. The log and a store of the program's own are pulled instead:
-- client:next_log(), session:pending().
--
-- Everything is freed by the garbage collector, in any order, and by `free()`
-- at once; an API's large answer is better freed. Call ropc.shutdown() in
-- love.quit; without it requests under way end with the process, and after
-- love.event.quit("restart") in a moment.
--
-- A thread of LÖVE has a Lua state of its own: it loads this module itself and
-- makes its own client; no object goes from one state to another. Several may
-- use the same store file, and ropc.shutdown() is for all.
--
-- The library is looked for at the path in the environment variable
-- ROPC_LIBRARY, and then nowhere else; under LÖVE in the game's folder and in
-- the folder that holds the .love file or the fused program; in the system's
-- places; in the program itself, if it was linked with ropc. It is
-- libropc.so.0 or libropc.so (Android's packages want the latter), ropc.dll or
-- libropc.dylib; on iOS the static library is linked in. On Windows LuaJIT loads
-- no path with letters outside the system's code page: put ropc.dll beside the
-- program.
-- @module ropc

local here = ...
local ffi = require "ffi"
local check = require(here .. ".check")
local core = require(here .. ".core")
local lib = require(here .. ".library")
local options = require(here .. ".options")
local session = require(here .. ".session")

local ropc = {
  options = options,
  file_store = session.file_store,
  host_store = session.host_store,
  secret = require(here .. ".secret"),
}

--- Why something failed; tostring() gives the message. No text of it holds a
-- password, secret or token.
-- @table error
-- @field status string: what kind of failure, such as "E_REFUSED", "E_TIMEOUT"
-- @field reason string: what to branch on, such as "WRONG_CREDENTIALS", "LOCKED"
-- @field message string: one line for a person
-- @field advice string: what to do about it; "" when there is nothing to say
-- @field retry_after number: seconds the server asks to wait, nil when it did not
-- @field locked_until number: when a lock ends, seconds since 1970, nil when unknown
-- @field retryable boolean: whether the same, later, can succeed
-- @field request_sent boolean: whether any byte had left
-- @field stage string: how far it had come, such as "CONNECT", "ANSWER"
-- @field http_status number: nil when there was no answer
-- @field provider_code number: LoginRadius' ErrorCode, nil when there was none
-- @field provider_message string: LoginRadius' Message, or nil
-- @field provider_description string: LoginRadius' Description, or nil
-- @field oauth_error string: RFC 6749 "error", or nil
-- @field oauth_description string: RFC 6749 "error_description", or nil
-- @field server_date_at number: the time by the server's clock, nil when unknown
-- @field extra function: `err:extra(name)` gives another member of the error's
--   body as JSON text, or nil; the second-factor token of "SECOND_FACTOR" is in
--   "SecondFactorAuthentication"

--- A client from a table of options: options() and client() in one.
-- @tparam table fields see `ropc.options`
-- @treturn ?Client
-- @treturn ?error
function ropc.client(fields)
  local made, err = options(fields)
  if not made then
    return nil, err
  end
  local client, refused = made:client()
  made:free()
  return client, refused
end

--- How many requests of the process may run at once; more wait in a queue.
-- @tparam number most 1 to 64; default 8
-- @treturn ?boolean true
-- @treturn ?error
function ropc.set_workers(most)
  return core.done(lib.ropc_set_workers(check.whole("most", most, 2 ^ 32 - 1)))
end

--- Stops everything in the process, all clients of all threads, and waits until
-- the library's threads are gone: call it in love.quit, at the end of a tool,
-- and before a restart. Afterwards the library can be used again. Blocks.
-- @tparam[opt=1] number wait_s how long to wait at most
-- @treturn number how many threads are left, 0 when none is
function ropc.shutdown(wait_s)
  return lib.ropc_shutdown(check.ms("wait_s", wait_s or 1))
end

--- The version of the loaded library, e.g. "0.1.0".
-- @treturn string
function ropc.version()
  return ffi.string(lib.ropc_version())
end

--- Overwrites memory of your own, such as an ffi buffer that held a password.
-- @tparam cdata buffer an array, or a pointer
-- @tparam[opt] number len bytes; nil for all of an array
function ropc.wipe(buffer, len)
  if type(buffer) ~= "cdata" then
    check.mistake("an ffi buffer can be wiped, not a " .. type(buffer))
  end
  local size = tostring(ffi.typeof(buffer)):find "%]>$" and ffi.sizeof(buffer)
  lib.ropc_wipe(buffer, check.whole("len", len or size, size or 2 ^ 53))
end

return ropc
