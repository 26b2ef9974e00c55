--- What a program may do wrong: each gets an error, never a crash, and nothing
-- is cut short without a word.

local ropc = require "ropc"
local here = require "here"

local tests = {}

local function test(name, body)
  tests[#tests + 1] = { name, body }
end

--- A client, a session and tokens of ada's.
local function signed_in(t)
  local client = here.client()
  local tokens = assert(t.ends(client:login("ada", here.password)))
  return client, assert(t.ends(client:session_new(tokens, nil, "ada"))), tokens
end

test("nil and empty texts are refused by the library", function(t)
  local client, session = signed_in(t)
  local file = ropc.file_store(here.new_path())
  local function refused(...)
    local err = t.fails("E_ARG", "ARGUMENT", ...)
    assert(#err.message > 10 and err.request_sent == false)
  end
  refused(client:login())
  refused(client:login("ada"))
  refused(client:login("", "x"))
  refused(client:login("ada", ""))
  refused(client:login("ada", ropc.secret()))
  refused(client:session_login("", "x"))
  refused(client:session_login("ada", "x", file, ""))
  refused(client:session_new(nil, nil, "ada"))
  refused(client:session_resume(nil, "ada"))
  refused(client:session_resume(file))
  refused(client:grant())
  refused(client:refresh(""))
  refused(client:revoke())
  refused(client:userinfo())
  refused(client:verify_id_token())
  refused(session:call {})
  refused(session:call { url = here.api, method = "" })
  refused(session:expire())
  refused(ropc.file_store())
  refused(ropc.file_store(""))
  refused(ropc.host_store():give("ada"))
  refused(ropc.client {})
  refused(ropc.client { site = "", app = "a", client_id = "b" })
end)

test("a NUL byte is refused, or sent as it is, but nothing is cut off there", function(t)
  local client, session = signed_in(t)
  local store = ropc.host_store()
  local function refused(...)
    local err = t.fails("E_ARG", "ARGUMENT", ...)
    assert(err.message:find("NUL", 1, true), err.message)
  end
  refused(client:session_login("ada", here.password, store, "ada\0"))
  refused(client:session_resume(store, "ada\0"))
  refused(client:grant("password\0"))
  refused(client:grant("password", { username = "ada\0", password = here.password }))
  refused(client:grant("password", { ["username\0"] = "ada", password = here.password }))
  refused(client:refresh("x\0"))
  refused(client:revoke("x\0"))
  refused(client:userinfo("x\0"))
  refused(client:profile("x", "Email\0"))
  refused(client:verify_id_token("x", nil, "n\0"))
  refused(session:call { url = here.api .. "\0" })
  refused(session:call { url = here.api, headers = { ["X-A"] = "1\0" } })
  refused(session:call { url = here.api, headers = { ["X-A\0"] = "1" } })
  refused(session:expire("x\0"))
  refused(store:give("ada\0", "x"))
  refused(ropc.file_store(here.new_path() .. "\0"))
  refused(ropc.client { site = os.getenv "ROPC_SITE" .. "\0.elsewhere.test", app = "a", client_id = "b" })
  refused(ropc.client { site = "a.test", app = "a", client_id = "b", params = { audience = "x\0y" } })
  refused(ropc.client { site = "a.test", app = "a", client_id = "b", pins = { { origin = "a.test\0" } } })
  -- What is given with its length goes whole: the server sees another password.
  t.fails("E_REFUSED", "WRONG_CREDENTIALS", t.ends(client:login("ada", here.password .. "\0")))
end)

test("what is no UTF-8, or too long, is refused", function(t)
  local client, session = signed_in(t)
  local function refused(...)
    t.fails("E_ARG", "ARGUMENT", ...)
  end
  local huge = ("x"):rep(2 ^ 20)
  for _, bad in ipairs { "\255\254", "\192\128", "\237\160\128", huge } do
    refused(client:login(bad, here.password))
    refused(client:login("ada", bad))
    refused(client:session_login("ada", here.password, nil, bad))
    refused(client:refresh(bad))
    refused(session:call { url = bad })
    refused(ropc.client { site = bad, app = "a", client_id = "b" })
    refused(ropc.client { site = "a.test", app = "a", client_id = "b", scope = bad })
  end
  local secret = ropc.secret(4)
  assert(secret:append "\255\255" and not secret:append "abc")
  refused(client:login("ada", secret))
end)

test("a body of any bytes and of a megabyte comes through", function(t)
  local _, session = signed_in(t)
  for _, body in ipairs { "\0\255\1", ("x"):rep(2 ^ 20 - 4096), "" } do
    local response = assert(t.ends(session:call { method = "PUT", url = here.api, body = body }))
    t.equal(response.http_status, 200)
  end
end)

test("wrong types and wrong names raise an error at once", function(t)
  local client, session, tokens = signed_in(t)
  t.raises("must be a string", client.login, client, 5, "x")
  t.raises("must be a string", client.login, client, "ada", {})
  t.raises("cannot convert", client.userinfo, client, {})
  t.raises("cannot convert", client.refresh, client, 5)
  t.raises("cannot convert", client.session_resume, client, session, "ada")
  t.raises("cannot convert", client.session_new, client, client, nil, "ada")
  t.raises("colon", client.login, "ada", "x")
  t.raises("must be one of ACCESS, NONE, REFRESH", client.revoke, client, "x", "OTHER")
  t.raises("must be one of ACCESS, ID", tokens.claims, tokens, "access")
  t.raises("no member named 'acces_token'", function() return tokens.acces_token end)
  t.raises("seconds", session.token, session, -1)
  t.raises("seconds", session.token, session, 0 / 0)
  t.raises("seconds", session.token, session, "5")
  t.raises("no such option: sites", ropc.client, { sites = "a.test" })
  t.raises("must be one of BUNDLED, SYSTEM", ropc.client, { site = "a", app = "a", client_id = "b", trust = "NONE" })
  t.raises("not both", ropc.client, { site = "a", app = "a", client_id = "b", trust = "SYSTEM", ca = "x" })
  t.raises("a name in endpoints must be one of", ropc.client,
    { site = "a", app = "a", client_id = "b", endpoints = { Token = "https://a" } })
end)

--- Whether it raised an error that has no part of `secret`, and names this file
-- as the place.
local function raises_without(t, secret, fn)
  local fine, message = pcall(function()
    local result = fn()
    return result
  end)
  assert(not fine, "no error")
  assert(not message:find(secret, 1, true), message)
  assert(message:find("input.lua:", 1, true), message)
end

test("a secret in the wrong place is not in the text of the error", function(t)
  local client, session, tokens = signed_in(t)
  local secret = "s3cr3t"
  local err = t.fails("E_REFUSED", "WRONG_CREDENTIALS", t.ends(client:login("ada", "wrong")))
  raises_without(t, secret, function() return client:revoke("ACCESS", secret) end)
  raises_without(t, secret, function() return tokens:claims(secret) end)
  raises_without(t, secret, function() return tokens:extra(secret .. "\0") end)
  raises_without(t, secret, function() return err:extra(secret .. "\0") end)
  raises_without(t, secret, function() return session:token(secret) end)
  raises_without(t, secret, function() return session:refresh(true, secret) end)
  raises_without(t, secret, function() return session:call(secret) end)
  raises_without(t, secret, function() return session:call { url = here.api, headers = secret } end)
  raises_without(t, secret, function() return client:connect():wait(secret) end)
  raises_without(t, secret, function() return ropc.shutdown(secret) end)
  raises_without(t, secret, function() return ropc.set_workers(secret) end)
  raises_without(t, secret, function() return ropc.client(secret) end)
  for name, value in pairs { secret_method = secret, trust = secret, log = secret, timeouts = { connect = secret },
    limits = { IDLE_MS = secret }, endpoints = { [secret] = "https://a.test" }, pins = secret, params = secret } do
    raises_without(t, secret, function()
      return ropc.client { site = "a.test", app = "a", client_id = "b", secret = secret, [name] = value }
    end)
  end
end)

test("a list that would be cut short raises an error", function(t)
  local function raises(field, value, part)
    local fields = { site = "a.test", app = "a", client_id = "b", [field] = value }
    t.raises(part or field .. " must be a list without holes", ropc.client, fields)
  end
  local pin = { origin = "https://a.test", sha256 = ("00"):rep(32) }
  raises("pins", pin)
  raises("pins", { nil, pin })
  raises("pins", { pin, nil, pin })
  raises("pins", { pin, origin = "https://a.test" })
  raises("pins", setmetatable({}, { __index = { pin } }), "without a metatable")
  raises("pins", "a.test", "pins must be a table")
  raises("pins", { "a.test" }, "an entry of pins must be a table")
  raises("pins", { { origin = "https://a.test" } }, "a pin's sha256 must be a string")
  raises("client_cert", { origin = "https://a.test", cert = "x", key = "y" })
  raises("client_cert", { { origin = "https://a.test", cert = "x" } }, "a client_cert's key must be a string")
  raises("api_origins", { x = "https://a.test" })
  raises("ended_errors", { nil, "1234" })
  local err = t.fails("E_TLS", "TLS_PIN", t.ends(here.client { pins = { {
    origin = os.getenv "ROPC_SITE", sha256 = ("00"):rep(32) } } }:login("ada", here.password)))
  t.equal(err.request_sent, false)
end)

test("a number out of range raises an error, and is not taken for another", function(t)
  for _, most in ipairs { 2 ^ 32 + 1, -(2 ^ 32) + 3, 1.5, -1, 0 / 0, math.huge } do
    t.raises("most must be a whole number from 0 to 4294967295", ropc.set_workers, most)
  end
  for _, bytes in ipairs { 2 ^ 64 + 4096, 4096.5, -1, 0 / 0 } do
    t.raises("limits.ANSWER_BYTES must be a whole number", ropc.client,
      { site = "a.test", app = "a", client_id = "b", limits = { ANSWER_BYTES = bytes } })
  end
  t.raises("capacity must be a whole number", ropc.secret, 2 ^ 32 + 16)
end)

test("defaults may come by a metatable, and are looked at alike", function(t)
  local defaults = { site = os.getenv "ROPC_SITE", app = os.getenv "ROPC_APP", client_id = os.getenv "ROPC_CLIENT_ID",
    scope = "openid\0 admin" }
  local err = t.fails("E_ARG", "ARGUMENT", ropc.client(setmetatable({}, { __index = defaults })))
  assert(err.message:find("NUL", 1, true), err.message)
  defaults.scope = "a  b"
  err = t.fails("E_ARG", "ARGUMENT", ropc.client(setmetatable({}, { __index = defaults })))
  assert(err.message:find("ropc_options_set_scope", 1, true), err.message)
  assert(ropc.client(setmetatable({ scope = "openid" }, { __index = defaults })))
  t.raises("params must be a table without a metatable", ropc.client, setmetatable(
    { scope = "openid", params = setmetatable({}, { __index = { audience = "x" } }) }, { __index = defaults }))
end)

test("a mistake is told with what it is about", function(t)
  local _, session = signed_in(t)
  local fields = { site = "a.test", app = "a", client_id = "b" }
  t.raises("with a dot: ropc.client {", ropc.client)
  t.raises("with a dot: ropc.client {", ropc.client, ropc, fields)
  t.raises("with a dot: ropc.client {", ropc.options, ropc, fields)
  t.raises("call() wants a table: { url = ... }", session.call, session)
  t.raises("call() wants a table: { url = ... }", session.call, session, here.api)
  t.raises("body must be a string, not a number", session.call, session, { url = here.api, body = 5 })
  for name, value in pairs { connect = 5, total = 5 } do
    fields.timeouts = { [name] = value }
    t.raises(("timeouts.%s must be a number of seconds"):format(name == "total" and "connect" or "total"), ropc.client,
      fields)
  end
  fields.timeouts, fields.scope = nil, 5
  t.raises("scope must be a string, not a number", ropc.client, fields)
end)

test("what would be taken for something else raises an error", function(t)
  local client, session, tokens = signed_in(t)
  local options = ropc.options { client_id = "b" }
  t.raises("force must be true or false, not 30", session.refresh, session, 30)
  t.raises("ok must be true or false", session.saved, session, "no")
  t.raises("ok must be true or false", session.saved, session, 0)
  t.raises("other_hosts must be true or false", options.discover, options, "https://a.test", "no")
  t.raises("call() takes no Body", session.call, session, { url = here.api, method = "PUT", Body = "x" })
  t.raises("cannot be changed", function() tokens.access_token = "mine" end)
  local many = {}
  for i = 1, 9000 do
    many["x" .. i] = "y"
  end
  local _, err = t.ends(client:grant("password", many))
  t.equal(err.status, "E_ARG")
end)

test("only what a buffer holds is wiped", function(t)
  local buffer = require "ffi".new("uint8_t[8]", 1, 1, 1, 1, 1, 1, 1, 1)
  ropc.wipe(buffer, 2)
  assert(buffer[1] == 0 and buffer[2] == 1)
  ropc.wipe(buffer + 2, 1)
  assert(buffer[2] == 0 and buffer[3] == 1)
  ropc.wipe(buffer)
  t.equal(buffer[7], 0)
  t.raises("len must be a whole number from 0 to 8, not 9", ropc.wipe, buffer, 9)
  t.raises("len must be a whole number", ropc.wipe, buffer + 2)
  t.raises("not a string", ropc.wipe, "x", 1)
end)

test("an option that is refused is named", function(t)
  local function refused(field, value, setter)
    local fields = { site = "a.test", app = "a", client_id = "b", [field] = value }
    local err = t.fails("E_ARG", "ARGUMENT", ropc.client(fields))
    assert(err.message:find(setter or "ropc_options_set_" .. field, 1, true), err.message)
  end
  refused("issuer", "")
  refused("secret", "")
  refused("scope", "a  b")
  refused("user_agent", "a\nb")
  refused("api_key", "")
  refused("timeouts", { connect = 0, total = 30 })
  refused("timeouts", { connect = 10, total = math.huge })
  refused("ca", "no certificate", "ropc_options_set_ca_pem")
  refused("proxy", "http://")
  refused("params", { client_id = "b" }, "ropc_options_add_param")
  refused("pins", { { origin = "a.test", sha256 = "x" } }, "ropc_options_add_pin")
  refused("client_cert", { { origin = "a.test", cert = "x", key = "y" } }, "ropc_options_set_client_cert_pem")
  refused("api_origins", { "ftp://a.test" }, "ropc_options_add_api_origin")
  refused("ended_errors", { "" }, "ropc_options_add_ended_error")
  refused("limits", { ANSWER_BYTES = 1 }, "ropc_options_set_limit:")
  refused("endpoints", { TOKEN = "a" }, "ropc_options_set_endpoint")
end)

test("options that are good are taken", function(t)
  local client = here.client { timeouts = { connect = 5, total = 5 }, limits = { IDLE_MS = 1000 }, proxy = "",
    user_agent = "game/1", params = { audience = "x" }, response_type = false, encoding = "FORM", scope = "a b",
    api_origins = { "https://api.test" }, ended_errors = { "1234", "invalid_request" }, log = "WARN" }
  assert(t.ends(client:login("ada", here.password)))
  local options = assert(ropc.options { token_url = "https://a.test/token", client_id = "b", secret = "s",
    secret_method = "BASIC", trust = "SYSTEM" })
  assert(options:client())
end)

test("what was freed may be freed again, and raises an error when it is used", function(t)
  local client, session, tokens = signed_in(t)
  local store, options = ropc.host_store(), ropc.options { client_id = "b" }
  local token = session:token()
  local response = assert(t.ends(session:call { url = here.api }))
  local request = assert(client:login("fault:never", "x"))
  local uses = {
    { request, function() request:poll() end, function() request:wait(1) end, function() request:cancel() end,
      function() request:status() end },
    { client, function() client:login("ada", "x") end, function() client:next_log() end,
      function() client:cancel() end, function() client:proxy() end },
    { session, function() session:token() end, function() session:status() end, function() session:pending() end,
      function() session:saved(true) end, function() session:expire("x") end, function() session:refresh() end,
      function() session:call { url = here.api } end, function() session:sign_out() end },
    { tokens, function() return tokens.access_token end, function() tokens:extra("x") end,
      function() tokens:claims("ID") end, function() here.client():session_new(tokens, nil, "ada") end },
    { token, function() return token.access_token end },
    { response, function() return response.body end, function() response:header("date") end },
    { store, function() store:give("a", "b") end, function() here.client():session_resume(store, "a") end,
      function() here.client():session_login("ada", here.password, store) end },
    { options, function() options:client() end, function() options:discover("https://a.test") end },
  }
  for _, one in ipairs(uses) do
    one[1]:free()
    one[1]:free()
    for i = 2, #one do
      t.raises("was freed", one[i])
    end
    assert(tostring(one[1]):find "^ropc ")
  end
end)

test("things in the wrong order are refused", function(t)
  local client, session = signed_in(t)
  t.fails("E_STATE", "STATE", session:saved(true))
  t.equal(session:pending(), nil)
  local request = assert(client:connect())
  t.equal(t.ends(request), true)
  t.fails("E_STATE", "STATE", request:poll())
  t.equal(request:cancel(), true)
  t.equal(request:status(), "OK")
  assert(t.ends(session:sign_out()))
  assert(t.ends(session:sign_out()))
  t.fails("E_SIGNED_OUT", "SIGNED_OUT", session:refresh())
  t.fails("E_SIGNED_OUT", "SIGNED_OUT", t.ends(session:call { url = here.api }))
end)

test("no secret is in what objects and errors say of themselves", function(t)
  local client, session, tokens = signed_in(t)
  local secret = ropc.secret()
  secret:append(here.password)
  for _, object in ipairs { client, session, tokens, session:token(), secret, client:login("ada", secret) } do
    t.equal(tostring(object):match "^ropc[ .]%a+$", tostring(object))
  end
  local _, err = t.ends(client:login("echo", "hunter2hunter2"))
  for _, value in pairs(err) do
    assert(type(value) ~= "string" or not value:find("hunter2", 1, true), value)
  end
end)

return tests
