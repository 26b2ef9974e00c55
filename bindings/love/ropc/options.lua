--- What to sign in to, and how: a table of these fields. Every default is
-- usable; a name that is none of these raises an error.
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
-- - `api_key`: LoginRadius' key, for profile(), validate(), invalidate()
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
    lib.ropc_options_set_app_kind(options, core.number("app", value))
  end,
  endpoints = function(options, value)
    for which, url in pairs(value) do
      lib.ropc_options_set_endpoint(options, core.number("endpoint", which), url)
    end
  end,
  issuer = function(options, value)
    lib.ropc_options_set_issuer(options, value)
  end,
  secret = function(options, value, all)
    lib.ropc_options_set_secret(options, value, core.number("secret", all.secret_method or "POST"))
  end,
  secret_method = function() end, -- Goes with `secret`.
  encoding = function(options, value)
    lib.ropc_options_set_encoding(options, core.number("encoding", value))
  end,
  scope = function(options, value)
    lib.ropc_options_set_scope(options, value)
  end,
  params = function(options, value)
    for name, text in pairs(value) do
      lib.ropc_options_add_param(options, name, text)
    end
  end,
  response_type = function(options, value)
    lib.ropc_options_set_response_type(options, value or nil)
  end,
  user_agent = function(options, value)
    lib.ropc_options_set_user_agent(options, value)
  end,
  api_key = function(options, value)
    lib.ropc_options_set_api_key(options, value)
  end,
  api_origins = function(options, value)
    for _, origin in ipairs(value) do
      lib.ropc_options_add_api_origin(options, origin)
    end
  end,
  ended_errors = function(options, value)
    for _, text in ipairs(value) do
      lib.ropc_options_add_ended_error(options, text)
    end
  end,
  timeouts = function(options, value)
    lib.ropc_options_set_timeouts(options, core.ms(value.connect), core.ms(value.total))
  end,
  trust = function(options, value)
    lib.ropc_options_set_trust(options, core.number("trust", value))
  end,
  ca = function(options, value, all)
    if all.trust then
      error("give ca or trust, not both", 0)
    end
    lib.ropc_options_set_ca_pem(options, value, #value)
  end,
  pins = function(options, value)
    for _, pin in ipairs(value) do
      lib.ropc_options_add_pin(options, pin.origin, pin.sha256)
    end
  end,
  client_cert = function(options, value)
    for _, one in ipairs(value) do
      lib.ropc_options_set_client_cert_pem(options, one.origin, one.cert, #one.cert, one.key, #one.key)
    end
  end,
  proxy = function(options, value)
    lib.ropc_options_set_proxy(options, value)
  end,
  limits = function(options, value)
    for which, number in pairs(value) do
      lib.ropc_options_set_limits(options, core.number("limit", which), number)
    end
  end,
  log = function(options, value)
    lib.ropc_options_set_log(options, core.number("log", value), nil, nil)
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

--- Settings, from a table as above; client() makes a client of them.
-- @function ropc.options
-- @tparam table fields
-- @treturn ?Options
-- @treturn ?ropc.error for a site, app, token_url or client_id that cannot be;
--   for another field client() tells
local function new(fields)
  for name in pairs(fields) do
    if not setters[name] and not what_it_is[name] then
      error("no such option: " .. tostring(name), 3)
    end
  end
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
    issuer, other_hosts and 1 or 0))
end

return new
