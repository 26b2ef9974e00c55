--- luajit plain.lua SUITE: runs a suite without LÖVE, a thousand frames a second.

if os.getenv "ROPC_TEST_JIT" == "off" then
  jit.off()
end

local ffi = require "ffi"
ffi.cdef "int usleep(unsigned int);"

local step = require "runner" (require("suites." .. arg[1]), require "posix".seconds)
local more, failed
repeat
  more, failed = step()
  ffi.C.usleep(1000)
until not more
os.exit(failed == 0, true)
