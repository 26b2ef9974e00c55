--- The garbage collector: every handle, in every order, and nothing is left.

local ropc = require "ropc"
local here = require "here"

local tests = {}

local function test(name, body)
  tests[#tests + 1] = { name, body }
end

--- Calls `body` with each order of the numbers 1 to `count`.
local function each_order(count, body, order, used)
  order, used = order or {}, used or {}
  if #order == count then
    return body(order)
  end
  for i = 1, count do
    if not used[i] then
      used[i], order[#order + 1] = true, i
      each_order(count, body, order, used)
      used[i], order[#order] = nil, nil
    end
  end
end

--- One of each handle that hangs on another, the request under way.
local function one_of_each(tokens)
  local client, store = here.client(), ropc.host_store()
  local session = assert(client:session_new(tokens, store, "ada"):wait(10))
  local request = assert(client:login("fault:never", here.password))
  local call = assert(session:call { url = here.api })
  return { client, store, session, request, call }
end

local function resident_kb()
  local file = assert(io.open("/proc/self/status"))
  local kb = tonumber(file:read "*a":match "VmRSS:%s*(%d+)")
  file:close()
  return kb
end

test("handles are freed in every order", function(t)
  local tokens = assert(t.ends(here.client():login("ada", here.password)))
  each_order(5, function(order)
    local handles = one_of_each(tokens)
    for _, i in ipairs(order) do
      handles[i]:free()
    end
  end)
  t.equal(ropc.shutdown(10), 0, "threads left")
end)

test("handles are collected in every order", function(t)
  local tokens = assert(t.ends(here.client():login("ada", here.password)))
  each_order(5, function(order)
    local handles = one_of_each(tokens)
    for _, i in ipairs(order) do
      handles[i] = nil
      collectgarbage()
    end
  end)
  t.equal(ropc.shutdown(10), 0, "threads left")
end)

test("results outlive what they came from", function(t)
  local function made()
    local client = here.client()
    local tokens = assert(t.ends(client:login("ada", here.password)))
    local session = assert(t.ends(client:session_new(tokens, nil, "ada")))
    local _, err = t.ends(client:login("mfa-native", here.password))
    return tokens, err, session:token(), assert(t.ends(session:call { url = here.api }))
  end
  local tokens, err, token, response = made()
  collectgarbage()
  collectgarbage()
  t.equal(ropc.shutdown(10), 0)
  t.equal(token.access_token, tokens.access_token)
  assert(response.body:find("ada", 1, true) and response:header "Content-Type")
  assert(err:extra "SecondFactorAuthentication" and #err.message > 20)
end)

test("thousands of dropped clients, requests and results leave nothing", function(t)
  local client = here.client()
  local tokens = assert(t.ends(client:login("ada", here.password)))
  local session = assert(t.ends(client:session_new(tokens, nil, "ada")))
  local function drop(count)
    for i = 1, count do
      local other = here.client()
      assert(other:login("fault:never", here.password))
      assert(client:connect())
      assert(session:token() and session:status())
      t.fails("E_ARG", "ARGUMENT", client:login("", ""))
      ropc.secret():append "abc"
      if i % 100 == 0 then
        t.frame()
      end
    end
    collectgarbage()
    collectgarbage()
    t.equal(ropc.shutdown(10), 0, "threads left")
  end
  drop(500)
  local before = resident_kb()
  drop(2000)
  local more = resident_kb() - before
  assert(more < 6000, more .. " KB more")
end)

test("tens of thousands of small things leave nothing", function(t)
  local client = here.client()
  local tokens = assert(t.ends(client:login("ada", here.password)))
  local session = assert(t.ends(client:session_new(tokens, nil, "ada")))
  local made = {
    errors = function() return client:login("", "") end,
    texts = function() return tokens:claims("ACCESS") end,
    statuses = function() return session:status() end,
    tokens = function() return session:token() end,
  }
  for what, make in pairs(made) do
    local function grown_by(count)
      local before = resident_kb()
      for i = 1, count do
        make()
        if i % 1000 == 0 then
          collectgarbage()
          t.frame()
        end
      end
      return resident_kb() - before
    end
    grown_by(5000)
    local more = grown_by(40000)
    assert(more < 2000, ("%d KB more after %s"):format(more, what))
  end
end)

test("a module that is loaded again works beside the first", function(t)
  local client = here.client()
  local request = assert(client:login("ada", here.password))
  for name in pairs(package.loaded) do
    if name == "ropc" or name:find "^ropc%." then
      package.loaded[name] = nil
    end
  end
  local again = require "ropc"
  assert(again ~= ropc)
  t.fails("E_ARG", "ARGUMENT", again.client {})
  assert(t.ends(request))
end)

return tests
