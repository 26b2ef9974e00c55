--- Finds and loads the shared library.
-- The head of ropc.lua says where it is looked for.
-- @local
-- @module ropc.library

local here = (...):gsub("%.library$", "")
local ffi = require "ffi"
local cdef = require(here .. ".cdef")

local NAMES = {
  Windows = { "ropc.dll" },
  OSX = { "libropc.dylib" },
}

--- Paths to try, best first.
local function candidates()
  local told = os.getenv("ROPC_LIBRARY")
  if told and told ~= "" then
    return { told }
  end
  -- Android's packages hold libropc.so only.
  local names, paths = NAMES[ffi.os] or { "libropc.so.0", "libropc.so" }, {}
  local folders = {}
  if type(love) == "table" and love.filesystem then
    folders = { love.filesystem.getSource(), love.filesystem.getSourceBaseDirectory() }
  end
  for _, folder in ipairs(folders) do
    for _, name in ipairs(names) do
      paths[#paths + 1] = folder .. "/" .. name
    end
  end
  for _, name in ipairs(names) do
    paths[#paths + 1] = name
  end
  return paths
end

local function load()
  local tried = {}
  for _, path in ipairs(candidates()) do
    local found, library = pcall(ffi.load, path)
    if found then
      return library, path
    end
    tried[#tried + 1] = "\n\t" .. tostring(library)
  end
  if pcall(function() return ffi.C.ropc_abi_check end) then
    return ffi.C, "the program"
  end
  error("the ropc library cannot be loaded; put it beside the game, or its path into ROPC_LIBRARY:"
    .. table.concat(tried), 0)
end

local lib, path = load()
if lib.ropc_abi_check(cdef.abi) ~= cdef.enums.status.OK then
  error(("%s is ropc %s, older than ropc.lua: take both from the same version"):format(
    path, ffi.string(lib.ropc_version())), 0)
end

return lib
