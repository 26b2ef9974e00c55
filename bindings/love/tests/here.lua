--- Clients of the stand-in, for all suites.

local ropc = require "ropc"

local here = {}

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

--- A client of the stand-in's application, with more options or other ones.
function here.client(more)
  local fields = {
    site = os.getenv "ROPC_SITE", app = os.getenv "ROPC_APP", client_id = os.getenv "ROPC_CLIENT_ID",
    ca = read(os.getenv "ROPC_CA"), api_key = "standin-api-key",
    endpoints = { IDENTITY = os.getenv "ROPC_SITE" },
  }
  for name, value in pairs(more or {}) do
    fields[name] = value
  end
  return assert(ropc.client(fields))
end

local files = 0

--- A path for a store file, new each time.
function here.new_path()
  files = files + 1
  return ("%s/store-%d"):format(os.getenv "ROPC_TEST_FOLDER", files)
end

here.password = "correct horse"
here.api = os.getenv "ROPC_API"

return here
