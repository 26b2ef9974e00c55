--- One application at one server, with its connections.
--
-- Whatever takes time is begun here and goes on beside the program: each
-- method that gives a `ropc.request` has started it. Keep the request until it
-- has ended: one that is collected is stopped.
-- @module ropc.client

local here = (...):gsub("%.client$", "")
local ffi = require "ffi"
local check = require(here .. ".check")
local core = require(here .. ".core")
local lib = require(here .. ".library")
local request = require(here .. ".request")
local results = require(here .. ".results")
local session = require(here .. ".session").session

local cells = core.cells
local class = core.class("ropc client", lib.ropc_client_free)

local take_done = request.taker(nil, lib.ropc_request_take_done)
local take_text = request.taker(cells.text, lib.ropc_request_take_text, core.own_text)
local take_tokens = request.taker(cells.tokens, lib.ropc_request_take_tokens, results.tokens.own)
local take_session = request.taker(cells.session, lib.ropc_request_take_session, session.own)

--- A text by its bytes and their number: a string or a ropc.secret.
local function counted(text)
  if type(text) == "table" and text.bytes then
    return text.bytes, text.size
  elseif type(text) ~= "string" and text ~= nil then
    check.mistake("a user name or password must be a string, not a " .. type(text))
  end
  return text, text and #text or 0
end

--- The store to use, nil for none: one that was freed is not none.
local function stored(store)
  return store and core.alive(store)
end

--- From ropc.client(). Free it when you like: requests and sessions go on
-- without it.
-- @type Client
local Client = class.methods

--- Frees it at once; more than once is fine, and none is needed: the garbage
-- collector does it too.
-- @function Client:free

--- Connects ahead of a login, while the user still types: the login after it
-- needs one turn to the server and back in place of three, for 15 seconds.
-- @treturn ?ropc.request whose result is true
-- @treturn ?ropc.error
function Client:connect()
  return request.started(take_done, core.call(cells.request, lib.ropc_request_connect, core.alive(self)))
end

--- Signs in with a user name and a password.
-- @tparam string user
-- @tparam string|ropc.secret password sent at most once; the library overwrites
--   its copy, yours is yours
-- @treturn ?ropc.request whose result is Tokens, or an error of status
--   "E_REFUSED" with a reason such as "WRONG_CREDENTIALS", "LOCKED" or
--   "SECOND_FACTOR"
-- @treturn ?ropc.error
function Client:login(user, password)
  local name, name_len = counted(user)
  local bytes, size = counted(password)
  return request.started(take_tokens, core.call(cells.request, lib.ropc_request_login_n, core.alive(self), name,
    name_len, bytes, size))
end

--- login() and session_new() in one.
-- @tparam string user
-- @tparam string|ropc.secret password
-- @tparam[opt] Store store where to keep the tokens; nil: the session ends with
--   the program
-- @tparam[opt] string user_key what the store calls the user; nil: the user name
-- @treturn ?ropc.request whose result is a Session, or an error as login() has
-- @treturn ?ropc.error
function Client:session_login(user, password, store, user_key)
  local refused = core.refuse_nul(user_key)
  if refused then
    return nil, refused
  end
  local name, name_len = counted(user)
  local bytes, size = counted(password)
  return request.started(take_session, core.call(cells.request, lib.ropc_request_session_login_n, core.alive(self),
    name, name_len, bytes, size, stored(store), user_key))
end

--- A session from tokens, which are copied.
-- @tparam Tokens tokens
-- @tparam ?Store store as for session_login()
-- @tparam string user_key
-- @treturn ?ropc.request whose result is a Session
-- @treturn ?ropc.error
function Client:session_new(tokens, store, user_key)
  return request.started(take_session, core.call_text(cells.request, lib.ropc_request_session_new, core.alive(self),
    tokens and core.alive(tokens), stored(store), user_key))
end

--- The session that a store has for a user, as when the program is started
-- again. Asks no server. Blocks only as long as the store's file takes.
-- @tparam Store store
-- @tparam string user_key
-- @treturn ?Session
-- @treturn ?ropc.error reason "NOTHING_STORED" when there is none
function Client:session_resume(store, user_key)
  local pointer, err = core.call_text(cells.session, lib.ropc_session_resume, core.alive(self), stored(store), user_key)
  return pointer and session.own(pointer), err
end

--- Any grant that the server offers.
-- @tparam string grant_type
-- @tparam[opt] table parameters name = value, strings; the library overwrites its
--   copies like a password, yours cannot be
-- @treturn ?ropc.request whose result is Tokens
-- @treturn ?ropc.error
function Client:grant(grant_type, parameters)
  local refused = core.refuse_nul(grant_type)
  local names, values, count = core.arrays("parameters", parameters)
  if refused or not names then
    return nil, refused or values
  end
  return request.started(take_tokens, core.call(cells.request, lib.ropc_request_grant, core.alive(self), grant_type,
    names, values, count))
end

--- New tokens for a refresh token; it is sent at most once. A session does
-- this by itself.
-- @tparam string refresh_token
-- @treturn ?ropc.request whose result is Tokens
-- @treturn ?ropc.error
function Client:refresh(refresh_token)
  return request.started(take_tokens, core.call_text(cells.request, lib.ropc_request_refresh, core.alive(self),
    refresh_token))
end

--- Has the server end a token.
-- @tparam string token
-- @tparam[opt="NONE"] string hint what it is: "ACCESS", "REFRESH" or "NONE"
-- @treturn ?ropc.request whose result is true
-- @treturn ?ropc.error
function Client:revoke(token, hint)
  return request.started(take_done, core.call_text(cells.request, lib.ropc_request_revoke, core.alive(self), token,
    check.choice("hint", "hint", hint or "NONE")))
end

--- Who the user is.
-- @tparam string access_token
-- @treturn ?ropc.request whose result is the JSON text of one object
-- @treturn ?ropc.error
function Client:userinfo(access_token)
  return request.started(take_text, core.call_text(cells.request, lib.ropc_request_userinfo, core.alive(self),
    access_token))
end

--- LoginRadius' profile of the user; wants the option `api_key`.
-- @tparam string access_token
-- @tparam[opt] string fields "Email,FirstName" for those members only
-- @treturn ?ropc.request whose result is the JSON text of one object
-- @treturn ?ropc.error
function Client:profile(access_token, fields)
  return request.started(take_text, core.call_text(cells.request, lib.ropc_request_profile, core.alive(self),
    access_token, fields))
end

--- Asks LoginRadius whether an access token is good, and until when; wants the
-- option `api_key`.
-- @tparam string access_token
-- @treturn ?ropc.request whose result is Tokens
-- @treturn ?ropc.error
function Client:validate(access_token)
  return request.started(take_tokens, core.call_text(cells.request, lib.ropc_request_validate, core.alive(self),
    access_token))
end

--- Has LoginRadius end an access token, and its refresh token with it; wants
-- the option `api_key`.
-- @tparam string access_token
-- @treturn ?ropc.request whose result is true
-- @treturn ?ropc.error
function Client:invalidate(access_token)
  return request.started(take_done, core.call_text(cells.request, lib.ropc_request_invalidate, core.alive(self),
    access_token))
end

--- Proves an ID token by the server's published keys; wants the option
-- `issuer`.
-- @tparam string id_token
-- @tparam[opt] string access_token checks that the two came together
-- @tparam[opt] string nonce checks that it is about this nonce
-- @treturn ?ropc.request whose result is what it says, the JSON text of one object
-- @treturn ?ropc.error
function Client:verify_id_token(id_token, access_token, nonce)
  return request.started(take_text, core.call_text(cells.request, lib.ropc_request_verify_id_token, core.alive(self),
    id_token, access_token, nonce))
end

--- Stops all requests of this client that are under way; each ends as
-- "E_CANCELLED". Returns at once. Later calls, and a session's refresh that was
-- sent, are not touched.
-- @treturn boolean true
function Client:cancel()
  return core.done(lib.ropc_client_cancel(core.alive(self)))
end

--- The HTTP proxy through which the token endpoint is reached, as "host:port"
-- without its login. Does not block.
-- @treturn ?string nil when it is reached directly: no proxy is set, no_proxy
--   excepts the host, or it is plain http to loopback
-- @treturn ?ropc.error
function Client:proxy()
  local pointer, err = core.call(cells.text, lib.ropc_client_proxy, core.alive(self))
  return core.own_text(pointer), err
end

local level = ffi.new("int32_t[1]")

--- The oldest line of the log, whose level is the option `log`. No line holds
-- a password, secret or token. Does not block.
-- @treturn ?string nil when there is none
-- @treturn ?string its level, such as "INFO"
function Client:next_log()
  lib.ropc_client_next_log(core.alive(self), level, cells.text)
  local line = core.own_text(cells.text[0])
  return line, line and core.level_name(level[0])
end

return class
