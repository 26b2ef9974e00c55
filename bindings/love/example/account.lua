--- The player's account: all that the example does with ropc, and nothing of
-- how it looks. A game can take this file as it is.

local utf8 = require "utf8"
local ropc = require "ropc"

local account = {
  session = nil, -- The player is signed in.
  user = nil,    -- Who that is.
  doing = nil,   -- What is under way, in words, or nil.
  notice = nil,  -- What there is to tell: { text, detail, bad = boolean }.
  status = nil,  -- session:status(), not older than a second.
}

local client, store
local place -- What to sign in to, in the store's keys: there a user is another.
local request, finish -- What is under way, and what to do with its result.
local ahead, ahead_at -- A connection that is being made while the player types.
local status_at

-- For the player; the error's own message follows as the detail.
local TEXTS = {
  WRONG_CREDENTIALS = "Wrong user name or password.",
  NOT_VERIFIED = "Confirm your e-mail address or phone number first.",
  BLOCKED = "This account is blocked.",
  SECOND_FACTOR = "This account wants a second factor: sign in on the web site.",
  CANCELLED = "Stopped.",
  SIGNED_OUT = "You were signed out.",
  REFRESH_ENDED = "You were signed out: sign in again.",
}

local function tell(text, detail, bad)
  account.notice = { text = text, detail = detail, bad = bad }
end

local function tell_error(err)
  local text = TEXTS[err.reason]
  if err.reason == "LOCKED" then
    text = "This account is locked" .. (err.locked_until and os.date(" until %H:%M.", err.locked_until) or ".")
  elseif err.reason == "RATE_LIMITED" and err.retry_after then
    text = ("Too busy: try again in %d seconds."):format(err.retry_after)
  end
  tell(text or "That did not work.", err.reason ~= "CANCELLED" and err.message or nil, err.reason ~= "CANCELLED")
end

--- The name of who signed in last, for the next start: the store wants it.
local function remember(user)
  account.user = user
  if user then
    love.filesystem.write("last-user", user)
  else
    love.filesystem.remove("last-user")
  end
end

--- What the store calls a user. A record of one server is never replaced by
-- that of another, so the key tells them apart.
local function key_of(user)
  return user .. " at " .. place
end

--- Nobody is signed in any more.
local function leave()
  account.session:free()
  account.session, account.status = nil, nil
  remember(nil)
end

--- Shows that something is under way until its request has ended.
local function begin(words, started, err, at_end)
  account.notice = nil
  if started then
    request, finish, account.doing = started, at_end, words
  else
    tell_error(err)
  end
end

--- Once, in love.load. `config` has what ropc.client() takes. Who stayed signed
-- in is signed in again, without a password and without a server.
function account.open(config)
  local err
  place = ("%s/%s/%s"):format(config.site, config.app, config.client_id)
  client, err = ropc.client(config)
  if client then
    love.filesystem.createDirectory("") -- The save folder itself.
    store, err = ropc.file_store(love.filesystem.getSaveDirectory() .. "/sign-in")
  end
  local user = love.filesystem.read("last-user")
  if store and user then
    account.session, err = client:session_resume(store, key_of(user))
    account.user = account.session and user
  end
  if err and err.reason ~= "NOTHING_STORED" then -- Nobody was signed in here: not worth a word.
    tell_error(err)
  end
end

--- While the player types: the sign-in is three times as fast then. At most
-- every five seconds; it is no harm when it fails.
function account.connect_ahead()
  local now = love.timer.getTime()
  if client and not (ahead_at and now - ahead_at < 5) then
    ahead_at = now
    ahead = client:connect()
  end
end

--- `password` is a string or a ropc.secret, which may be wiped at once.
function account.sign_in(user, password)
  if account.doing or not store then
    return
  end
  local started, err = client:session_login(user, password, store, key_of(user))
  begin("Signing in", started, err, function(session, failure)
    if session then
      account.session = session
      remember(user)
    else
      tell_error(failure)
    end
  end)
end

--- Any call of an API with the player's token, which is refreshed if need be.
function account.call_api(url)
  if account.doing then
    return
  end
  local started, err = account.session:call { url = url, headers = { ["X-Example"] = "ropc" } }
  begin("Asking the API", started, err, function(response, failure)
    if response then
      local body = response.body -- Any bytes; only UTF-8 can be drawn.
      tell("The API answered " .. response.http_status .. ".", utf8.len(body) and body or #body .. " bytes",
        response.http_status >= 400)
    else
      tell_error(failure)
      if failure.status == "E_SIGNED_OUT" then
        leave()
      end
    end
  end)
end

function account.sign_out()
  if account.doing then
    return
  end
  local started, err = account.session:sign_out()
  begin("Signing out", started, err, function(done, failure)
    if done or failure.status == "E_NOT_REVOKED" then
      leave()
      tell("You are signed out.", failure and failure.message)
    else -- Nothing was done: still signed in.
      tell_error(failure)
    end
  end)
end

--- Stops what is under way.
function account.cancel()
  if request then
    request:cancel()
  end
end

--- Every frame: asks how things are, and never waits.
function account.update()
  if ahead and ahead:status() ~= "PENDING" then
    ahead:free()
    ahead = nil
  end
  if request then
    local result, err = request:poll()
    if result or err then
      local at_end = finish
      request:free()
      request, finish, account.doing = nil, nil, nil
      at_end(result, err)
    end
  end
  local now = love.timer.getTime()
  if account.session and not (account.status and now - status_at < 1) then
    account.status, status_at = account.session:status(), now
    if account.status.state == "SIGNED_OUT" and not request then
      leave()
      tell(TEXTS.SIGNED_OUT, nil, true)
    end
  end
end

--- In love.quit: what is under way ends, and the library's threads with it.
function account.close()
  ropc.shutdown(1)
end

return account
