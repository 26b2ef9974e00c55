--- What to sign in to, and how: a table of these fields. Every default is
-- usable; a name that is none of these raises an error. A metatable may add
-- fields of yours that are the same for all; tables in it have none.
--
-- What it is, either a LoginRadius application or any OAuth 2.0 server:
--
-- - `site`, `app`: LoginRadius' site (host, host:port or origin) and
--   application, with `client_id`
-- - `token_url`: the token endpoint of another server, with `client_id`; leave
--   it and `site` out when discover() is to find it
-- - `app_kind`: "OAUTH" (default) or "OIDC", of a LoginRadius application
-- - `endpoints`: `{ REVOKE = url }`; TOKEN, REVOKE, USERINFO, JWKS or IDENTITY
-- - `issuer`: which ID tokens must be of
--
-- What is sent:
--
-- - `secret`, `secret_method`: the application's secret, and "POST" (default),
--   "BASIC" or "BASIC_RAW"
-- - `encoding`: "JSON" (default for LoginRadius) or "FORM" (for others)
-- - `scope`: scopes with a space between them; default none
-- - `params`: `{ name = value }`, more parameters of every token request
-- - `response_type`: default "token" for LoginRadius; false leaves it out
-- - `user_agent`: default "ropc/" and the version
-- - `api_key`: LoginRadius' key, for profile(), validate(), invalidate() and
--   sign_out()
-- - `api_origins`: list of other origins that session:call() may send the
--   token to
-- - `ended_errors`: list of what else this server says when a refresh token
--   has ended
--
-- How it connects:
--
-- - `timeouts`: `{ connect = 10, total = 30 }`, the defaults, in seconds, both
-- - `ca`: PEM text of the only authorities to trust; or
-- - `trust`: "BUNDLED" (default, Mozilla's) or "SYSTEM"
-- - `pins`: list of `{ origin = ..., sha256 = ... }`
-- - `client_cert`: list of `{ origin = ..., cert = PEM, key = PEM }`
-- - `proxy`: URL of an HTTP proxy, "" for none; default the environment's
-- - `limits`: `{ ANSWER_BYTES = 1048576, IDLE_CONNECTIONS = 64, IDLE_MS = 4000 }`,
--   the defaults
-- - `log`: "OFF" (default), "ERROR", "WARN", "INFO" or "DEBUG", for
--   client:next_log()
-- @module ropc.options

local here = (...):gsub("%.options$", "")
local check = require(here .. ".check")
local core = require(here .. ".core")
local lib = require(here .. ".library")
local request = require(here .. ".request")
local client = require(here .. ".client")

local cells = core.cells
local class = core.class("ropc options", lib.ropc_options_free)
local take_options = request.taker(cells.options, lib.ropc_request_take_options, class.own)

--- What each field does to settings. The library remembers what it refused
-- first, and says it when the client is made.
local setters = {
  app_kind = function(options, value)
    lib.ropc_options_set_app_kind(options, check.choice("app_kind", "app", value))
  end,
  endpoints = function(options, value)
    for which, url in pairs(check.plain("endpoints", value)) do
      lib.ropc_options_set_endpoint(options, check.choice("a name in endpoints", "endpoint", which),
        check.text("endpoints." .. which, url))
    end
  end,
  issuer = function(options, value)
    lib.ropc_options_set_issuer(options, check.text("issuer", value))
  end,
  secret = function(options, value, all)
    lib.ropc_options_set_secret(options, check.text("secret", value),
      check.choice("secret_method", "secret", all.secret_method or "POST"))
  end,
  secret_method = function() end, -- Goes with `secret`.
  encoding = function(options, value)
    lib.ropc_options_set_encoding(options, check.choice("encoding", "encoding", value))
  end,
  scope = function(options, value)
    lib.ropc_options_set_scope(options, check.text("scope", value))
  end,
  params = function(options, value)
    for name, text in pairs(check.plain("params", value)) do
      lib.ropc_options_add_param(options, check.text("a name in params", name),
        check.text("a value in params", text))
    end
  end,
  response_type = function(options, value)
    lib.ropc_options_set_response_type(options, value and check.text("response_type", value) or nil)
  end,
  user_agent = function(options, value)
    lib.ropc_options_set_user_agent(options, check.text("user_agent", value))
  end,
  api_key = function(options, value)
    lib.ropc_options_set_api_key(options, check.text("api_key", value))
  end,
  api_origins = function(options, value)
    for _, origin in ipairs(check.list("api_origins", value)) do
      lib.ropc_options_add_api_origin(options, check.text("an entry of api_origins", origin))
    end
  end,
  ended_errors = function(options, value)
    for _, text in ipairs(check.list("ended_errors", value)) do
      lib.ropc_options_add_ended_error(options, check.text("an entry of ended_errors", text))
    end
  end,
  timeouts = function(options, value)
    check.plain("timeouts", value)
    lib.ropc_options_set_timeouts(options, check.ms("timeouts.connect", value.connect),
      check.ms("timeouts.total", value.total))
  end,
  trust = function(options, value)
    lib.ropc_options_set_trust(options, check.choice("trust", "trust", value))
  end,
  ca = function(options, value, all)
    if all.trust then
      check.mistake("give ca or trust, not both")
    end
    lib.ropc_options_set_ca_pem(options, check.text("ca", value), #value)
  end,
  pins = function(options, value)
    for _, pin in ipairs(check.list("pins", value)) do
      check.plain("an entry of pins", pin)
      lib.ropc_options_add_pin(options, check.text("a pin's origin", pin.origin),
        check.text("a pin's sha256", pin.sha256))
    end
  end,
  client_cert = function(options, value)
    for _, one in ipairs(check.list("client_cert", value)) do
      check.plain("an entry of client_cert", one)
      local cert, key = check.text("a client_cert's cert", one.cert), check.text("a client_cert's key", one.key)
      lib.ropc_options_set_client_cert_pem(options, check.text("a client_cert's origin", one.origin), cert, #cert,
        key, #key)
    end
  end,
  proxy = function(options, value)
    lib.ropc_options_set_proxy(options, check.text("proxy", value))
  end,
  limits = function(options, value)
    for which, number in pairs(check.plain("limits", value)) do
      lib.ropc_options_set_limit(options, check.choice("a name in limits", "limit", which),
        check.whole("limits." .. which, number, 2 ^ 53))
    end
  end,
  log = function(options, value)
    lib.ropc_options_set_log(options, check.choice("log", "log", value), nil, nil)
  end,
}

-- In an order: the same refusal is told every time.
local order = {}
for name in pairs(setters) do
  order[#order + 1] = name
end
table.sort(order)

--- The first text in `value`, or in a table in it, with a NUL byte.
local function find_nul(value)
  if type(value) ~= "table" then
    return core.refuse_nul(value)
  end
  for name, inner in pairs(value) do
    local refused = core.refuse_nul(name) or find_nul(inner)
    if refused then
      return refused
    end
  end
end

local what_it_is = { site = true, app = true, token_url = true, client_id = true }

--- The options in a table, those too that its metatable adds, the usual way to
-- have defaults: what is looked at and what is used must be the same.
local function known(fields)
  local all = {}
  for _, names in ipairs { setters, what_it_is } do
    for name in pairs(names) do
      all[name] = fields[name]
    end
  end
  return all
end

--- Settings, from a table as above; client() makes a client of them.
-- @function ropc.options
-- @tparam table fields
-- @treturn ?Options
-- @treturn ?ropc.error for a site, app, token_url or client_id that cannot be;
--   for another field client() tells
local function new(fields)
  if type(fields) ~= "table" or rawget(fields, "file_store") then -- The module itself, by a colon.
    check.mistake("give one table of options, with a dot: ropc.client { ... }")
  end
  for name in pairs(fields) do
    if not setters[name] and not what_it_is[name] then
      check.mistake("no such option: " .. tostring(name))
    end
  end
  fields = known(fields)
  local refused = find_nul(fields)
  if refused then
    return nil, refused
  end
  local pointer, err
  if fields.site ~= nil or fields.app ~= nil then
    pointer, err = core.call(cells.options, lib.ropc_options_loginradius, fields.site, fields.app, fields.client_id)
  else
    pointer, err = core.call(cells.options, lib.ropc_options_oauth2, fields.token_url, fields.client_id)
  end
  if not pointer then
    return nil, err
  end
  local options = class.own(pointer)
  for _, name in ipairs(order) do
    if fields[name] ~= nil then
      setters[name](pointer, fields[name], fields)
    end
  end
  return options
end

--- From ropc.options() and from discover().
-- @type Options
local Options = class.methods

--- Frees it at once; more than once is fine, and none is needed: the garbage
-- collector does it too.
-- @function Options:free

--- A client from these settings, which are copied. Does not block; connects to
-- nothing yet.
-- @treturn ?Client
-- @treturn ?ropc.error the first field that was refused, or a proxy of the
--   environment that cannot be used
function Options:client()
  local pointer, err = core.call(cells.client, lib.ropc_client_new, core.alive(self))
  return pointer and client.own(pointer), err
end

--- Asks a server where its endpoints are (RFC 8414, OpenID Connect Discovery).
-- @tparam string issuer URL; the server must name the very same
-- @tparam[opt=false] boolean other_hosts whether endpoints may be at another
--   origin: then the issuer decides where passwords go
-- @treturn ?ropc.request whose result is Options with these endpoints
-- @treturn ?ropc.error
function Options:discover(issuer, other_hosts)
  return request.started(take_options, core.call_text(cells.request, lib.ropc_request_discover, core.alive(self),
    issuer, check.flag("other_hosts", other_hosts)))
end

return new
