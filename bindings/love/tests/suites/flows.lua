--- What every host does end to end, and the rest of a client's methods.

local ropc = require "ropc"
local here = require "here"
local posix = require "posix"

local tests = {}

local function test(name, body)
  tests[#tests + 1] = { name, body }
end

test("a sign-in gives tokens", function(t)
  local client = here.client()
  local request = assert(client:login("ada", here.password))
  t.equal(request:poll(), nil, "the first poll")
  local tokens = assert(t.ends(request))
  t.equal(tokens.token_type, "Bearer")
  assert(#tokens.access_token > 20 and #tokens.refresh_token > 20 and tokens.id_token == nil)
  assert(math.abs(tokens.received_at - os.time()) <= 5)
  assert(math.abs(tokens.server_date_at - os.time()) <= 5)
  tokens.handle.server_date_at = 0 -- As of a server that sends no Date.
  t.equal(tokens.server_date_at, nil, "the server's clock")
  t.equal(math.floor((tokens.expires_at - tokens.received_at) / 10 + 0.5), 90, "tens of seconds of its life")
  assert(tokens:claims("ACCESS"):find('"sub":"', 1, true))
  t.equal(tokens:extra("access_token"), nil)
  t.fails("E_UNSUPPORTED", "NOT_A_JWT", tokens:claims("ID"))
  t.equal(request:status(), "OK")
  t.fails("E_STATE", "STATE", request:poll())
end)

test("a password may come in a ropc.secret, and a name in any script", function(t)
  local secret = ropc.secret()
  assert(secret:append 'p&s=w+r%d é€"\\' and secret:append "→")
  t.equal(secret:length(), 15)
  secret:backspace()
  t.equal(secret:length(), 14)
  local request = assert(here.client():login("bøb", secret))
  secret:wipe()
  t.equal(secret:length(), 0)
  for i = 0, secret.capacity - 1 do
    t.equal(secret.bytes[i], 0, "byte " .. i)
  end
  assert(t.ends(request))
end)

test("a wrong password is told as such, with advice", function(t)
  local err = t.fails("E_REFUSED", "WRONG_CREDENTIALS", t.ends(here.client():login("ada", "wrong")))
  t.equal(tostring(err), err.message)
  assert(#err.message > 20 and #err.advice > 20)
  t.equal(err.http_status, 401)
  t.equal(err.provider_code, 966)
  t.equal(err.request_sent, true)
  t.equal(err.retryable, false)
  t.equal(err.stage, "ANSWER")
  t.equal(err.locked_until, nil)
  t.equal(err.retry_after, nil)
  t.equal(err:extra("NoSuchMember"), nil)
  assert(math.abs(err.server_date_at - os.time()) <= 5)
end)

test("a locked account says until when", function(t)
  local err = t.fails("E_REFUSED", "LOCKED", t.ends(here.client():login("locked", here.password)))
  assert(math.abs(err.locked_until - os.time() - 600) <= 5, err.locked_until)
end)

test("a busy server says how long to wait", function(t)
  local err = t.fails("E_RATE_LIMITED", "RATE_LIMITED", t.ends(here.client():login("ratelimited", here.password)))
  t.equal(err.retry_after, 7)
  t.equal(err.retryable, true)
end)

test("a second factor is told, with its token in extra() and nowhere else", function(t)
  local err = t.fails("E_REFUSED", "SECOND_FACTOR", t.ends(here.client():login("mfa-native", here.password)))
  local factor = err:extra("SecondFactorAuthentication")
  assert(factor:find("second-factor-token", 1, true), factor)
  for _, value in pairs(err) do
    assert(type(value) ~= "string" or not value:find("second-factor-token", 1, true), value)
  end
end)

test("a request that hangs is cancelled, by itself and by its client", function(t)
  local client = here.client()
  for _, stopper in ipairs { "request", "client" } do
    local request = assert(client:login("fault:never", here.password))
    for _ = 1, 3 do
      t.frame()
      t.equal(request:poll(), nil)
    end
    assert((stopper == "request" and request or client):cancel())
    t.fails("E_CANCELLED", "CANCELLED", t.ends(request))
  end
end)

test("wait() blocks as long as it is told, and no longer", function(t)
  local request = assert(here.client():login("fault:never", here.password))
  local began = t.clock()
  t.equal(request:wait(0.05), nil)
  assert(t.clock() - began >= 0.05)
  t.equal(request:status(), "PENDING")
  assert(here.client():login("ada", here.password):wait(20))
end)

test("connecting ahead saves flights of the login", function(t)
  local client = here.client()
  t.equal(t.ends(client:connect()), true)
  local connections = posix.ask("counts"):match('"connections": ?(%d+)')
  assert(t.ends(client:login("ada", here.password)))
  t.equal(posix.ask("counts"):match('"connections": ?(%d+)'), connections, "connections")
end)

test("a session refreshes once, calls an API, signs out", function(t)
  local session = assert(t.ends(here.client():session_login("ada", here.password)))
  local first = assert(session:token(30)).access_token
  local refreshed = posix.granted "refreshed"
  posix.ask "expire_access"
  assert(session:expire(first))
  local token
  t.until_so("a new token", function()
    local err
    token, err = session:token(30)
    assert(err == nil, err)
    return token
  end)
  assert(token.access_token ~= first and token.expires_at > os.time() + 30)
  t.equal(posix.granted "refreshed", refreshed + 1)

  local response = assert(t.ends(session:call { method = "POST", url = here.api, body = "a\0b",
    headers = { ["Content-Type"] = "application/octet-stream", ["X-Level"] = "7" } }))
  t.equal(response.http_status, 200)
  t.equal(response.content_type, "application/json; charset=utf-8")
  t.equal(response:header "CONTENT-TYPE", response.content_type)
  t.equal(response:header "X-None", nil)
  assert(response.body:find('["x-level","7"]', 1, true) and response.body:find('"user":"ada"', 1, true), response.body)
  assert(response.body:find('"method":"POST"', 1, true) and response.body:find('"body":"a\\u0000b"', 1, true))

  local status = assert(session:status())
  t.equal(status.state, "SIGNED_IN")
  t.equal(status.user_key, "ada")
  t.equal(status.refreshing, false)
  t.equal(status.last_status, nil)
  t.equal(status.last_message, nil)
  t.equal(status.expires_at, token.expires_at)

  assert(t.ends(session:sign_out()))
  t.fails("E_SIGNED_OUT", "SIGNED_OUT", session:token(0))
  t.equal(session:status().state, "SIGNED_OUT")
  t.equal(session:status().expires_at, nil)
  -- The server does not take the token any more.
  t.fails("E_REFUSED", "TOKEN_REFUSED", t.ends(here.client():validate(token.access_token)))
end)

test("a sign-out that was cancelled before it began did nothing", function(t)
  local client, store = here.client(), assert(ropc.file_store(here.new_path()))
  local session = assert(t.ends(client:session_login("ada", here.password, store)))
  assert(ropc.set_workers(1))
  local before = assert(client:login("fault:never", here.password))
  local request = assert(session:sign_out())
  assert(request:cancel())
  t.fails("E_CANCELLED", "CANCELLED", t.ends(request))
  t.equal(session:status().state, "SIGNED_IN")
  assert(session:token(30))
  assert(client:session_resume(store, "ada"))
  before:free()
  assert(ropc.set_workers(8))
  assert(t.ends(session:sign_out()))
end)

test("an API that says 401 gets a refreshed token", function(t)
  local session = assert(t.ends(here.client():session_login("ada", here.password)))
  posix.ask "expire_access"
  t.equal(assert(t.ends(session:call { url = here.api })).http_status, 200)
  t.fails("E_ARG", "ORIGIN_NOT_ALLOWED", t.ends(session:call { url = "https://elsewhere.test/" }))
end)

test("a session that the server ended says so", function(t)
  local session = assert(t.ends(here.client():session_login("ada", here.password)))
  posix.ask "kill_refresh"
  local pending, err = session:refresh()
  t.equal(pending, nil)
  t.until_so("the end of the session", function()
    local _
    _, err = session:token(900)
    return err
  end)
  t.equal(err.status, "E_SIGNED_OUT")
  t.equal(err.reason, "REFRESH_ENDED")
end)

test("refresh() and token() wait when they are told to", function(t)
  local session = assert(t.ends(here.client():session_login("ada", here.password)))
  local first = session:token(0, 10).access_token
  t.equal(session:refresh(false, 10), true)
  assert(session:token(0, 10).access_token ~= first)
  t.fails("E_ANSWER", "TOO_SHORT", session:token(4000, 10))
end)

test("an answer to a refresh that never came is unclear until it is forced", function(t)
  local session = assert(t.ends(here.client():session_login("ada", here.password)))
  posix.ask "lose 1"
  t.fails("E_UNCLEAR", "UNCLEAR", session:refresh(false, 20))
  t.equal(session:status().last_status, "E_UNCLEAR")
  t.equal(session:status().last_reason, "UNCLEAR")
  assert(#session:status().last_message > 20)
  -- The stand-in takes the repeated refresh token for theft.
  t.fails("E_SIGNED_OUT", "REFRESH_ENDED", session:refresh(true, 20))
end)

test("a session of tokens lives in a file, and is resumed", function(t)
  local path = here.new_path()
  local client, store = here.client(), assert(ropc.file_store(path))
  t.fails("E_SIGNED_OUT", "NOTHING_STORED", client:session_resume(store, "player"))
  local tokens = assert(t.ends(client:login("ada", here.password)))
  local session = assert(t.ends(client:session_new(tokens, store, "player")))
  t.equal(session:token().access_token, tokens.access_token)
  session:free()
  store:free()
  client:free()

  client, store = here.client(), assert(ropc.file_store(path))
  session = assert(client:session_resume(store, "player"))
  t.equal(session:token().access_token, tokens.access_token)
  t.equal(session:refresh(false, 20), true)
  local newer = session:token().access_token
  assert(newer ~= tokens.access_token)
  session:free()
  session = assert(client:session_resume(store, "player"))
  t.equal(session:token().access_token, newer)
  assert(t.ends(session:sign_out()))
  t.fails("E_SIGNED_OUT", "NOTHING_STORED", client:session_resume(store, "player"))
end)

test("the program's own store is kept by pull", function(t)
  local client, store = here.client(), assert(ropc.host_store())
  local session = assert(t.ends(client:session_login("ada", here.password, store, "player")))
  t.fails("SAVE_FIRST", "SAVE_FIRST", session:token())
  t.fails("E_STATE", "STATE", session:saved(true))
  local record = assert(session:pending())
  assert(session:saved(false))
  t.fails("SAVE_FIRST", "SAVE_FIRST", session:token())
  t.equal(session:pending(), record)
  assert(session:saved(true))
  t.equal(session:pending(), nil)
  local token = assert(session:token()).access_token
  session:free()
  store:free()

  store = assert(ropc.host_store())
  assert(store:give("player", record))
  session = assert(client:session_resume(store, "player"))
  t.equal(session:token().access_token, token)
  t.equal(session:refresh(), nil)
  t.until_so("a record to be saved", function()
    local newer = session:pending()
    return newer and newer ~= record
  end)
  assert(session:saved(true))
  assert(session:token().access_token ~= token)
  t.fails("E_UNSUPPORTED", "UNSUPPORTED", ropc.file_store(here.new_path()):give("player", record))
end)

test("the calls after a login: by hand", function(t)
  local client = here.client { issuer = os.getenv "ROPC_SITE" .. "/service/oidc/demo", app_kind = "OIDC" }
  local tokens = assert(t.ends(client:login("ada", here.password)))
  assert(t.ends(client:userinfo(tokens.access_token)):find('"sub"', 1, true))
  assert(t.ends(client:profile(tokens.access_token)):find('"Uid"', 1, true))
  assert(not t.ends(client:profile(tokens.access_token, "Email")):find('"Uid"', 1, true))
  assert(t.ends(client:verify_id_token(tokens.id_token, tokens.access_token)):find('"sub"', 1, true))
  t.fails("E_ID_TOKEN", "ID_TOKEN_NONCE", t.ends(client:verify_id_token(tokens.id_token, nil, "another")))
  t.equal(assert(t.ends(client:validate(tokens.access_token))).access_token, tokens.access_token)
  local newer = assert(t.ends(client:refresh(tokens.refresh_token)))
  assert(newer.refresh_token ~= tokens.refresh_token)
  t.equal(t.ends(client:revoke(newer.refresh_token, "REFRESH")), true)
  t.fails("E_REFUSED", "GRANT_REFUSED", t.ends(client:refresh(newer.refresh_token)))
  t.equal(t.ends(client:invalidate(newer.access_token)), true)
  t.fails("E_REFUSED", "TOKEN_REFUSED", t.ends(client:userinfo(newer.access_token)))
end)

test("a grant with parameters of its own answers a CAPTCHA", function(t)
  local client, parameters = here.client(), { username = "captcha", password = here.password }
  t.fails("E_REFUSED", "CAPTCHA", t.ends(client:grant("password", parameters)))
  parameters["g-recaptcha-response"] = "human"
  assert(t.ends(client:grant("password", parameters)).access_token)
end)

test("another server is asked for its endpoints", function(t)
  local ca = assert(io.open(os.getenv "ROPC_CA", "rb")):read "*a"
  local options = assert(ropc.options { client_id = os.getenv "ROPC_CLIENT_ID", ca = ca, scope = "openid" })
  local issuer = os.getenv "ROPC_SITE" .. "/service/oidc/demo"
  local found = assert(t.ends(options:discover(issuer)))
  local client = assert(found:client())
  local tokens = assert(t.ends(client:login("ada", here.password)))
  assert(t.ends(client:verify_id_token(tokens.id_token)))
  t.fails("E_CLIENT", "NOT_FOUND", t.ends(options:discover(os.getenv "ROPC_SITE" .. "/nowhere")))
end)

test("a client says which proxy it goes through, without its login", function(t)
  local direct, err = here.client { proxy = "" }:proxy()
  t.equal(direct, nil, "the proxy of a client that has none")
  t.equal(err, nil, "the error with it")
  t.equal(here.client { proxy = "http://user:hidden@proxy.example:3128" }:proxy(), "proxy.example:3128")
end)

test("the log is pulled, and holds no secret", function(t)
  local client = here.client { log = "DEBUG" }
  t.ends(client:login("ada", "hunter2hunter2"))
  local lines, levels = {}, {}
  for line, level in client.next_log, client do
    lines[#lines + 1], levels[level] = line, true
  end
  assert(#lines > 2 and levels.DEBUG and levels.INFO, #lines .. " lines")
  assert(not table.concat(lines):find("hunter2", 1, true))
  t.equal(client:next_log(), nil)
end)

test("shutdown ends what is under way, and the library goes on afterwards", function(t)
  local client = here.client()
  local request = assert(client:login("fault:never", here.password))
  t.frame()
  t.equal(ropc.shutdown(10), 0, "threads left")
  t.fails("E_CANCELLED", "CANCELLED", request:poll())
  assert(t.ends(client:login("ada", here.password)))
  t.equal(ropc.set_workers(2), true)
  t.fails("E_ARG", "ARGUMENT", ropc.set_workers(0))
  assert(ropc.set_workers(8))
end)

return tests
