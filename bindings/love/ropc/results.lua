--- What calls bring: tokens, one token, an API's answer.
--
-- Each holds memory of the library's, which is overwritten and freed when the
-- garbage collector comes by, or at once by `free()`. A field becomes a Lua
-- string only when it is read; Lua strings cannot be wiped.
-- @module ropc.results

local here = (...):gsub("%.results$", "")
local ffi = require "ffi"
local check = require(here .. ".check")
local core = require(here .. ".core")
local lib = require(here .. ".library")

local results = {}

--- A field as Lua has it: text or nil, number or nil when unknown.
local function field(pointer, key)
  local value = pointer[key]
  if type(value) ~= "cdata" then
    return value
  end
  local number = tonumber(value)
  if number then
    return core.known(number)
  end
  return core.text(value)
end

--- What the server issued.
-- @type Tokens
-- @field access_token string: for the Authorization header, after "Bearer "
-- @field token_type string: as the server wrote it; always send "Bearer"
-- @field refresh_token string or nil: for new tokens once the access token has ended
-- @field id_token string or nil: who signed in, as a JWT
-- @field scope string or nil when the server did not say
-- @field expires_at number or nil: when the access token ends, seconds since 1970
-- @field received_at number: when the answer came, seconds since 1970
-- @field server_date_at number or nil: the same by the server's clock, to compare
--   with this machine's
results.tokens = core.class("ropc tokens", lib.ropc_tokens_free, field)
local Tokens = results.tokens.methods

--- Frees it at once; more than once is fine, and none is needed: the garbage
-- collector does it too.
-- @function Tokens:free

--- Another member of the server's answer.
-- @tparam string name
-- @treturn ?string JSON text (a text in its quotes); nil when there is none
function Tokens:extra(name)
  return core.text(lib.ropc_tokens_extra(core.alive(self), check.name(name)))
end

--- What a token says of itself. **Nothing is verified**: fit to greet the
-- person, not to decide what they may do.
-- @tparam string kind "ACCESS" or "ID"
-- @treturn ?string JSON text of one object
-- @treturn ?ropc.error reason "NOT_A_JWT" for a token that has no claims to show
function Tokens:claims(kind)
  local pointer, err = core.call(core.cells.text, lib.ropc_tokens_claims, core.alive(self),
    check.choice("the kind of token", "token_kind", kind))
  return core.own_text(pointer), err
end

--- An access token that a session gave.
-- @type Token
-- @field access_token string: for the Authorization header, after "Bearer "
-- @field expires_at number or nil: when it ends, seconds since 1970
results.token = core.class("ropc token", lib.ropc_token_free, field)

--- Frees it at once; more than once is fine, and none is needed: the garbage
-- collector does it too.
-- @function Token:free

--- What an API answered.
-- @type Response
-- @field http_status number
-- @field body string: its bytes, whatever they are
-- @field content_type string or nil
results.response = core.class("ropc response", lib.ropc_response_free, function(pointer, key)
  if key == "body" then
    return ffi.string(pointer.body, pointer.body_len)
  end
  return field(pointer, key)
end)

--- Frees it at once; more than once is fine, and none is needed: the garbage
-- collector does it too.
-- @function Response:free

--- A header of the answer, of several the first.
-- @function Response:header
-- @tparam string name in whatever case
-- @treturn ?string
function results.response.methods:header(name)
  return core.text(lib.ropc_response_header(core.alive(self), check.name(name)))
end

return results
