--- love headless restart: quits with "restart" five times, which ends this Lua state and
-- begins another in the same process, with everything alive and a request under
-- way; then signs in once more. Every other time nobody calls shutdown.

local ffi = require "ffi"
local ropc = require "ropc"
local here = require "here"

local RESTARTS = 5

-- What outlives a Lua state: a file. It says that the process is the same, too.
ffi.cdef "int getpid(void);"
local path = os.getenv "ROPC_TEST_FOLDER" .. "/restarts"
local file = io.open(path, "r")
local round, process = 0, ffi.C.getpid()
if file then
  round, process = file:read("*n", "*n")
  file:close()
end
assert(process == ffi.C.getpid(), "another process")
file = assert(io.open(path, "w"))
file:write(round + 1, " ", process)
file:close()

local client = here.client()
local store = assert(ropc.file_store(os.getenv "ROPC_TEST_FOLDER" .. "/restart-store"))
local session = client:session_resume(store, "ada")
local login = not session and assert(client:session_login("ada", here.password, store))
local hangs = assert(client:login("fault:never", here.password))

function love.update()
  local err
  if login then
    session, err = login:poll()
    assert(not err, err)
    login = not session and login
  elseif round < RESTARTS then
    assert(session:token() and hangs:poll() == nil)
    love.event.quit("restart")
  else
    assert(session:token())
    print("ok   restarted " .. round .. " times, signed in all the while")
    love.event.quit()
  end
end

function love.quit()
  if round % 2 == 0 then
    assert(ropc.shutdown(10) == 0)
  end
end
