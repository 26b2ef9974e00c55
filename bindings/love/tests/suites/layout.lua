--- The cdef against the library's own list of sizes, places and numbers.

local ffi = require "ffi"
local cdef = require "ropc.cdef"
local lib = require "ropc.library"

local bytes, places, numbers = {}, {}, {}
for line in io.lines(os.getenv "ROPC_TEST_SYMBOLS") do
  local struct, field, size, place = line:match "^(ropc_%w+)%.([%w_]+) +%d+ +(%d+) bytes at (%d+)$"
  if not struct then
    struct, field, size, place = line:match "^(ropc_%w+_%w+)%.([%w_]+) +%d+ +(%d+) bytes at (%d+)$"
  end
  if struct then
    places[struct .. "." .. field] = { struct = struct, field = field, size = tonumber(size), place = tonumber(place) }
  end
  struct, size = line:match "^(ropc_[%w_]+) +%d+ +(%d+) bytes$"
  if struct then
    bytes[struct] = tonumber(size)
  end
  local name, number = line:match "^(ROPC_[%w_]+) +%d+ +(%d+)$"
  if name then
    numbers[name] = tonumber(number)
  end
end

local function size_of_field(struct, field)
  local one = ffi.new(struct)
  ffi.fill(one, ffi.sizeof(struct), 0xff)
  local value = one[field]
  return type(value) == "number" and 4 or ffi.sizeof(value)
end

return {
  { "structs are as large as the library's", function(t)
    local count = 0
    for struct, size in pairs(bytes) do
      t.equal(ffi.sizeof(struct), size, struct)
      count = count + 1
    end
    t.equal(count, 5, "structs")
  end },

  { "fields lie where the library has them", function(t)
    local count = 0
    for name, field in pairs(places) do
      t.equal(ffi.offsetof(field.struct, field.field), field.place, name)
      t.equal(size_of_field(field.struct, field.field), field.size, name)
      count = count + 1
    end
    t.equal(count, 39, "fields")
  end },

  { "names have the library's numbers", function(t)
    for enum, values in pairs(cdef.enums) do
      for name, number in pairs(values) do
        local wanted = numbers["ROPC_" .. enum:upper() .. "_" .. name] or numbers["ROPC_" .. name]
        t.equal(number, wanted, enum .. " " .. name)
      end
    end
    for name, number in pairs(numbers) do
      if name:find "^ROPC_REASON_" then
        t.equal(ffi.string(lib.ropc_reason_name(number)), name)
      end
    end
  end },
}
