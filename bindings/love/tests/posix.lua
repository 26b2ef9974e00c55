--- What the tests need of the system: a clock, and the line to the stand-in.

local ffi = require "ffi"

ffi.cdef [[
  struct posix_time { long seconds, nanoseconds; };
  int clock_gettime(int clock, struct posix_time *now);
  long read(int descriptor, void *buffer, size_t count);
  long write(int descriptor, const void *buffer, size_t count);
]]

local posix = {}

local CLOCK_MONOTONIC = 1
local now = ffi.new "struct posix_time"

--- Seconds on a clock that only goes forwards.
function posix.seconds()
  ffi.C.clock_gettime(CLOCK_MONOTONIC, now)
  return tonumber(now.seconds) + tonumber(now.nanoseconds) / 1e9
end

local letter = ffi.new "char[1]"

--- Has the stand-in do a command of `standin --help`; its answer as JSON text.
function posix.ask(command)
  local line = tonumber(os.getenv "STANDIN_LINE")
  assert(ffi.C.write(line, command .. "\n", #command + 1) == #command + 1)
  local answer = {}
  while ffi.C.read(line, letter, 1) == 1 and letter[0] ~= 10 do
    answer[#answer + 1] = string.char(letter[0])
  end
  return table.concat(answer)
end

--- How often the stand-in did so since it was started: "refreshed", "revoked".
function posix.granted(what)
  return tonumber(posix.ask("counts"):match('"' .. what .. '": ?(%d+)'))
end

return posix
