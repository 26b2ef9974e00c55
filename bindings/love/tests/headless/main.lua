--- love headless GAME [ARGUMENT]: one of the games beside this folder, without a
-- window. An error ends the process; LÖVE's own screen would wait for a key.

function love.errorhandler(message)
  io.stderr:write(debug.traceback("error: " .. tostring(message), 2), "\n")
  return function() return 1 end
end

if os.getenv "ROPC_TEST_JIT" == "off" then
  jit.off()
end

require("games." .. arg[2])
