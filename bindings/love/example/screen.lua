--- How the example looks, and where it can be clicked.

local screen = { elapsed = 0 }

local BACKGROUND, CARD, LINE = { 0.08, 0.09, 0.12 }, { 0.13, 0.15, 0.19 }, { 0.27, 0.30, 0.37 }
local TEXT, DIM, ACCENT, BAD, GOOD = { 0.93, 0.94, 0.96 }, { 0.62, 0.66, 0.73 }, { 0.36, 0.62, 1 }, { 1, 0.50, 0.47 },
  { 0.45, 0.83, 0.58 }
local WIDTH, PADDING = 440, 32

local fonts

function screen.load()
  fonts = { title = love.graphics.newFont(26), text = love.graphics.newFont(16), small = love.graphics.newFont(12) }
end

local function text(font, color, words, x, y, width, align)
  love.graphics.setFont(font)
  love.graphics.setColor(color)
  love.graphics.printf(words, x, y, width, align or "left")
end

--- As much of the end of `words` as fits: what is typed last is seen.
local function tail_that_fits(font, words, width)
  while font:getWidth(words) > width do
    words = words:gsub("^[%z\1-\127\194-\244][\128-\191]*", "")
  end
  return words
end

--- Lines of `words` that fit into `height`; the last one ends in dots when there
-- were more.
local function lines_that_fit(font, words, width, height)
  local _, lines = font:getWrap(words, width)
  local most = math.floor(height / font:getHeight())
  if #lines > most then
    lines[most] = lines[most] .. " …"
  end
  return table.concat(lines, "\n", 1, math.min(#lines, most))
end

local function draw_field(field, x, y, width, focused)
  text(fonts.small, DIM, field.label, x, y, width)
  love.graphics.setColor(BACKGROUND)
  love.graphics.rectangle("fill", x, y + 18, width, 40, 6)
  love.graphics.setColor(focused and ACCENT or LINE)
  love.graphics.rectangle("line", x + 0.5, y + 18.5, width - 1, 39, 6)
  local shown = tail_that_fits(fonts.text, field:shown(), width - 28)
  text(fonts.text, TEXT, shown, x + 12, y + 28, width)
  if focused and screen.elapsed % 1 < 0.6 then
    love.graphics.rectangle("fill", x + 13 + fonts.text:getWidth(shown), y + 27, 1.5, 22)
  end
end

local function draw_button(button, x, y, width, focused, enabled)
  local color = enabled and ACCENT or LINE
  love.graphics.setColor(color)
  love.graphics.rectangle(button.plain and "line" or "fill", x + 0.5, y + 0.5, width - 1, 43, 6)
  if focused and enabled then
    love.graphics.setColor(TEXT)
    love.graphics.rectangle("line", x - 2.5, y - 2.5, width + 5, 49, 8)
  end
  text(fonts.text, (button.plain or not enabled) and TEXT or BACKGROUND, button.label, x, y + 12, width, "center")
end

--- A quarter of a ring that goes round, never stopping, and what is under way.
local function draw_spinner(words, x, y)
  local angle = screen.elapsed * 5
  love.graphics.setLineWidth(3)
  love.graphics.setColor(LINE)
  love.graphics.circle("line", x + 10, y + 10, 9)
  love.graphics.setColor(ACCENT)
  love.graphics.arc("line", "open", x + 10, y + 10, 9, angle, angle + math.pi / 2)
  love.graphics.setLineWidth(1)
  text(fonts.text, TEXT, words .. " …", x + 32, y, 300)
  text(fonts.small, DIM, "Esc stops it", x + 32, y + 22, 300)
end

local function draw_notice(notice, x, y, width, height)
  text(fonts.text, notice.bad and BAD or GOOD, notice.text, x, y, width)
  if notice.detail then
    local _, lines = fonts.text:getWrap(notice.text, width)
    local used = #lines * fonts.text:getHeight() + 6
    text(fonts.small, DIM, lines_that_fit(fonts.small, notice.detail, width, height - used), x, y + used, width)
  end
end

local WORDS = {
  SIGNED_IN = "Signed in", REFRESHING = "Getting a new token", SAVE_FIRST = "Saving", WAITING = "No new token yet",
  UNCLEAR = "Not sure whether still signed in", SIGNED_OUT = "Signed out",
}

--- A session's status as a line.
local function status_line(status)
  local line = WORDS[status.state] or status.state
  if status.state == "SIGNED_IN" and status.expires_at then
    local left = math.max(0, status.expires_at - os.time())
    line = ("%s, token good for %d:%02d"):format(line, math.floor(left / 60), left % 60)
  end
  if status.refreshing then
    line = line .. ", refreshing"
  end
  return status.last_message and line .. "\n" .. status.last_message or line
end

--- Draws it all. `view` has title, subtitle, the list items (fields and
-- buttons, in their order), focus (a number in it), and doing, notice and
-- status of the account.
function screen.draw(view)
  local width, height = love.graphics.getDimensions()
  love.graphics.clear(BACKGROUND)
  local x, y, inner = math.floor((width - WIDTH) / 2), math.floor((height - 500) / 2), WIDTH - 2 * PADDING
  love.graphics.setColor(CARD)
  love.graphics.rectangle("fill", x, y, WIDTH, 500, 12)
  x = x + PADDING
  text(fonts.title, TEXT, tail_that_fits(fonts.title, view.title, inner), x, y + 28, inner)
  text(fonts.small, DIM, view.subtitle, x, y + 64, inner)
  local below = y + 100
  if view.status then
    text(fonts.text, TEXT, lines_that_fit(fonts.text, status_line(view.status), inner, 56), x, below, inner)
    below = below + 60
  end
  for i, item in ipairs(view.items) do
    item.x, item.y, item.width = x, below, inner
    if item.type then
      item.height = 58
      draw_field(item, x, below, inner, i == view.focus)
      below = below + 74
    else
      item.height = 44
      draw_button(item, x, below, inner, i == view.focus, not view.doing)
      below = below + 58
    end
  end
  below = below + 4
  if view.doing then
    draw_spinner(view.doing, x, below)
  elseif view.notice then
    draw_notice(view.notice, x, below, inner, y + 484 - below)
  end
end

--- Which of the items is at a place, or nil.
function screen.at(items, x, y)
  for i, item in ipairs(items) do
    if item.x and x >= item.x and x < item.x + item.width and y >= item.y and y < item.y + item.height then
      return i
    end
  end
end

return screen
