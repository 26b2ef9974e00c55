--- LÖVE's threads: each has a Lua state, and so a client, of its own.

local ropc = require "ropc"
local here = require "here"

require "love.thread"

local tests = {}

local function test(name, body)
  tests[#tests + 1] = { name, body }
end

--- Runs `code` in as many threads, each with `...`; what each pushed at its end.
local function in_threads(t, count, code, ...)
  local channel, threads, answers = love.thread.newChannel(), {}, {}
  for i = 1, count do
    threads[i] = love.thread.newThread("local channel, number, a = ...\n" .. code)
    threads[i]:start(channel, i, ...)
  end
  for i = 1, count do
    answers[i] = t.until_so("the answer of a thread", function()
      for _, thread in ipairs(threads) do
        local err = thread:getError()
        assert(not err, err)
      end
      return channel:pop()
    end)
  end
  return answers, threads
end

test("threads sign in at the same time, blocking", function(t)
  local answers = in_threads(t, 6, [[
    local here = require "here"
    local client = here.client()
    for i = 1, 5 do
      assert(client:login("ada", here.password):wait(20))
    end
    local _, err = client:login("ada", "wrong"):wait(20)
    channel:push(err.reason)
  ]])
  for i = 1, 6 do
    t.equal(answers[i], "WRONG_CREDENTIALS")
  end
end)

test("threads share a store file, and refresh once", function(t)
  local path = here.new_path()
  local session = assert(t.ends(here.client():session_login("ada", here.password, ropc.file_store(path))))
  local first = session:token().access_token
  local posix = require "posix"
  local refreshed = posix.granted "refreshed"
  posix.ask "expire_access"
  local answers = in_threads(t, 4, [[
    local here, ropc = require "here", require "ropc"
    local path, old = a.path, a.old
    local session = assert(here.client():session_resume(ropc.file_store(path), "ada"))
    session:expire(old)
    channel:push(assert(session:token(30, 20)).access_token)
  ]], { path = path, old = first })
  for i = 1, 4 do
    assert(answers[i] ~= first)
    t.equal(answers[i], answers[1])
  end
  t.equal(posix.granted "refreshed", refreshed + 1)
  assert(session:expire(first))
  t.until_so("the newer token", function()
    local token = session:token(30)
    return token and token.access_token == answers[1]
  end)
end)

test("objects do not go from one thread to another", function(t)
  local channel, client = love.thread.newChannel(), here.client()
  t.raises("", channel.push, channel, client)
  t.raises("", channel.push, channel, client.handle)
end)

test("a thread that ends with handles alive leaves the others alone", function(t)
  local client = here.client()
  local request = assert(client:login("fault:delay_500", here.password))
  local _, threads = in_threads(t, 4, [[
    local here = require "here"
    kept = { here.client(), here.client():login("fault:never", here.password) }
    channel:push(true)
  ]])
  for _, thread in ipairs(threads) do
    thread:wait()
  end
  assert(t.ends(request))
end)

test("shutdown from the main thread ends a wait in another", function(t)
  local waiting = love.thread.newChannel()
  local channel = love.thread.newChannel()
  local thread = love.thread.newThread [[
    local channel, waiting = ...
    local here = require "here"
    local request = here.client():login("fault:never", here.password)
    waiting:push(true)
    local _, err = request:wait(30)
    channel:push(err.status)
  ]]
  thread:start(channel, waiting)
  t.until_so("the thread waits", function() return waiting:pop() end)
  t.equal(ropc.shutdown(10), 0)
  t.equal(t.until_so("its end", function() return channel:pop() end), "E_CANCELLED")
end)

return tests
