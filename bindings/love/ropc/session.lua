--- A user who stays signed in: an access token that is always good.
--
-- The library refreshes it before it ends, on a thread of its own, once
-- however many ask, and saves what it got before anyone uses it. A session
-- that ends for good says so with status "E_SIGNED_OUT".
-- @module ropc.session

local here = (...):gsub("%.session$", "")
local check = require(here .. ".check")
local core = require(here .. ".core")
local lib = require(here .. ".library")
local request = require(here .. ".request")
local results = require(here .. ".results")

local cells, failure = core.cells, core.failure
local OK, PENDING = core.enums.status.OK, core.enums.status.PENDING

local session = core.class("ropc session", lib.ropc_session_free)
local store = core.class("ropc store", lib.ropc_store_free)

local take_done = request.taker(nil, lib.ropc_request_take_done)
local take_response = request.taker(cells.response, lib.ropc_request_take_response, results.response.own)

--- A signed-in user; from client:session_login(), client:session_new() or
-- client:session_resume(). May be freed at any time: nothing is revoked, and
-- what the store has stays.
-- @type Session
local Session = session.methods

--- Frees it at once; more than once is fine, and none is needed: the garbage
-- collector does it too.
-- @function Session:free

--- An access token. With a good one at hand it costs no waiting; else a
-- refresh is begun, and it comes in a later frame. Never blocks unless
-- `wait_s` says so.
-- @tparam[opt=0] number min_s for how many seconds more it must be good
-- @tparam[opt] number wait_s wait for it so long; "E_TIMEOUT" then, and the
--   refresh goes on
-- @treturn ?Token nil while a refresh is under way, and after a failure
-- @treturn ?ropc.error status "SAVE_FIRST": there is a record to be saved first,
--   see pending(); "E_SIGNED_OUT": ask the person to sign in; "E_UNCLEAR":
--   see refresh(); anything else may pass, ask again
function Session:token(min_s, wait_s)
  local min_ms = check.ms("min_s", min_s or 0)
  local status
  if wait_s then
    status = lib.ropc_session_token(core.alive(self), min_ms, check.ms("wait_s", wait_s), cells.token, failure)
  else
    status = lib.ropc_session_poll(core.alive(self), min_ms, cells.token, failure)
  end
  if status == OK then
    return results.token.own(cells.token[0])
  elseif status ~= PENDING then
    return nil, core.error(status)
  end
end

--- Gets newer tokens although the access token is good: after the user's
-- rights changed, say.
-- @tparam[opt=false] boolean force also when an earlier refresh had no answer
--   ("E_UNCLEAR") or a pause is on: the refresh token is sent once more, and a
--   server that takes that for theft may end all of the user's tokens
-- @tparam[opt=0] number wait_s how long to block until they are there
-- @treturn ?boolean true when they are; nil while the refresh is under way
-- @treturn ?ropc.error as token()
function Session:refresh(force, wait_s)
  local status = lib.ropc_session_refresh(core.alive(self), check.flag("force", force),
    check.ms("wait_s", wait_s or 0), failure)
  if status == OK then
    return true
  elseif status ~= PENDING then
    return nil, core.error(status)
  end
end

--- An API of your own transport answered 401 to this access token: it is not
-- handed out any more. Repeat the call once. Does not block.
-- @tparam string access_token
-- @treturn ?boolean true
-- @treturn ?ropc.error
function Session:expire(access_token)
  local refused = core.refuse_nul(access_token)
  if refused then
    return nil, refused
  end
  return core.done(lib.ropc_session_expire(core.alive(self), access_token))
end

--- Of a host_store(): the record that is to be saved, a line of text that
-- holds tokens, to be kept as safe as a password. Then say how it went:
-- saved(). Does not block.
-- @treturn ?string nil when everything is saved
-- @treturn ?ropc.error
function Session:pending()
  local pointer, err = core.call(cells.text, lib.ropc_session_pending, core.alive(self))
  return core.own_text(pointer), err
end

--- The record of pending() is saved, or could not be: then nothing is lost,
-- and it is offered again. Does not block.
-- @tparam boolean ok
-- @treturn ?boolean true
-- @treturn ?ropc.error "E_STATE" when no record was taken before
function Session:saved(ok)
  return core.done(lib.ropc_session_saved(core.alive(self), check.flag("ok", ok)))
end

--- How the session is now, for a line on a screen. Does not block, but makes
-- a table: once a second will do.
-- @treturn ?table state: "SIGNED_IN", "REFRESHING", "SAVE_FIRST", "WAITING",
--   "UNCLEAR" or "SIGNED_OUT"; refreshing: whether a refresh is under way;
--   user_key; scope, expires_at and received_at, nil when unknown; and
--   last_status, last_reason and last_message of a refresh or save that
--   failed, nil when none did since the last that succeeded
-- @treturn ?ropc.error
function Session:status()
  local info, err = core.call(cells.session_info, lib.ropc_session_status, core.alive(self))
  if not info then
    return nil, err
  end
  local failed = info.last_status ~= OK
  local status = {
    state = core.state_name(info.state),
    refreshing = info.refreshing ~= 0,
    user_key = core.text(info.user_key),
    scope = core.text(info.scope),
    expires_at = core.known(info.expires_at),
    received_at = core.known(info.received_at),
    last_status = failed and core.status_name(info.last_status) or nil,
    last_reason = failed and core.reason_name(info.last_reason) or nil,
    last_message = core.text(info.last_message),
  }
  lib.ropc_session_info_free(info)
  return status
end

local PARTS = { url = true, method = true, headers = true, body = true }

--- Calls an API with the access token, which is refreshed before if need be,
-- and once more when the API does not take it (not for POST and PATCH). The
-- token goes to the site, to LoginRadius' identity host and to the client's
-- `api_origins`, nowhere else.
-- @tparam table what url; method ("GET" unless given); headers, a table of
--   name = value; body, a string
-- @treturn ?ropc.request whose result is a Response, whatever its HTTP status
-- @treturn ?ropc.error
function Session:call(what)
  if type(what) ~= "table" then
    check.mistake("call() wants a table: { url = ... }")
  end
  for name in pairs(what) do
    if not PARTS[name] then
      check.mistake("call() takes no " .. tostring(name))
    end
  end
  local method, body = what.method or "GET", what.body and check.text("body", what.body)
  local refused = core.refuse_nul(method, what.url)
  local names, values, count = core.arrays("headers", what.headers)
  if refused or not names then
    return nil, refused or values
  end
  return request.started(take_response, core.call(cells.request, lib.ropc_request_session_call, core.alive(self),
    method, what.url, names, values, count, body, body and #body or 0))
end

--- Signs out: forgets the tokens here, also offline, removes the record from
-- the store, and has the server end them. Keep the request until it has ended:
-- one that is collected is stopped, and the user may still be signed in.
-- @treturn ?ropc.request whose result is true; or an error "E_NOT_REVOKED" when
--   the server could not be told, and the user is signed out here all the same.
--   After another one nothing was done and the user is still signed in, as when
--   it was cancelled before it began: "E_CANCELLED"
-- @treturn ?ropc.error
function Session:sign_out()
  return request.started(take_done, core.call(cells.request, lib.ropc_request_session_sign_out, core.alive(self)))
end

--- Where sessions keep their tokens between two runs of the program.
-- @type Store
local Store = store.methods

--- Frees it at once; more than once is fine, and none is needed: the garbage
-- collector does it too.
-- @function Store:free

--- Gives a host_store() the record that was saved for a user, for the next
-- client:session_resume(). Does not block.
-- @tparam string user_key
-- @tparam string record
-- @treturn ?boolean true
-- @treturn ?ropc.error
function Store:give(user_key, record)
  return core.call_text(nil, lib.ropc_store_give, core.alive(self), user_key, record)
end

--- A file as a store, for its owner only, not encrypted. Any number of
-- processes and threads may use the same one. Blocks as long as reading it
-- takes.
-- @function ropc.file_store
-- @tparam string path the whole path; its folder must be there
-- @treturn ?Store
-- @treturn ?ropc.error
local function file_store(path)
  local pointer, err = core.call_text(cells.store, lib.ropc_store_file, path)
  return pointer and store.own(pointer), err
end

--- The program's own store: after a sign-in and each refresh the session says
-- "SAVE_FIRST" until the program has saved what session:pending() gives, and
-- said so with session:saved(). One process at a time may use a user's record.
-- Before you free a session, see that its status() is not `refreshing` and that
-- pending() gives nil; what comes later waits in this store for the next
-- client:session_resume(). After a sign-out, and when a session says
-- "E_SIGNED_OUT", forget its record.
-- @function ropc.host_store
-- @treturn ?Store
-- @treturn ?ropc.error
local function host_store()
  local pointer, err = core.call(cells.store, lib.ropc_store_host, nil, nil)
  return pointer and store.own(pointer), err
end

return { session = session, file_store = file_store, host_store = host_store }
