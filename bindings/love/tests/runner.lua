--- Runs a list of tests, each { name, function }, in a coroutine that goes on
-- once a frame, as a game does: whoever drives it calls step() every frame.
-- What a test gets is a `t` with the helpers below.

local t = {}

--- Waits for the next frame.
function t.frame()
  coroutine.yield()
end

--- Waits, frame by frame, until `condition` gives something.
function t.until_so(what, condition)
  local deadline = t.clock() + 30
  while true do
    local value = condition()
    if value then
      return value
    elseif t.clock() > deadline then
      error("not within 30 s: " .. what, 2)
    end
    t.frame()
  end
end

--- What a request comes to, by polling once a frame. What is given is what a
-- method that begins a request gave: the request, or nil and an error.
function t.ends(request, err)
  if not request then
    return nil, err
  end
  local result, failure
  t.until_so("the end of a request", function()
    result, failure = request:poll()
    return result ~= nil or failure ~= nil
  end)
  return result, failure
end

function t.equal(found, wanted, what)
  if found ~= wanted then
    error(("%s is %s, not %s"):format(what or "value", tostring(found), tostring(wanted)), 2)
  end
end

--- Whether it raised an error whose text holds `part`.
function t.raises(part, fn, ...)
  local fine, message = pcall(fn, ...)
  if fine or not tostring(message):find(part, 1, true) then
    error(("no error about %q, but: %s"):format(part, tostring(message)), 2)
  end
end

--- Whether `nil, err` came, with this status and reason; gives the error.
function t.fails(status, reason, result, err)
  if result ~= nil or type(err) ~= "table" then
    error(("no failure %s, but: %s, %s"):format(status, tostring(result), tostring(err)), 2)
  end
  t.equal(err.status, status, "status")
  t.equal(err.reason, reason, "reason")
  return err
end

--- `clock` gives seconds. Gives step(), which is false once all tests have run,
-- and then the number of those that failed.
return function(tests, clock)
  t.clock = clock
  local place, failed, current = 1, 0, nil
  return function()
    if not tests[place] then
      return false, failed
    end
    current = current or coroutine.create(tests[place][2])
    local fine, message = coroutine.resume(current, t)
    if not fine then
      failed = failed + 1
      print(("FAIL %s: %s"):format(tests[place][1], debug.traceback(current, tostring(message))))
    elseif coroutine.status(current) ~= "dead" then
      return true
    else
      print("ok   " .. tests[place][1])
    end
    io.stdout:flush()
    place, current = place + 1, nil
    return true
  end
end
