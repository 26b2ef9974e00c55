-- No window, no sound: what remains is a loop.
function love.conf(t)
  t.identity = "ropc-tests"
  t.window = false
  for _, name in ipairs { "audio", "font", "graphics", "image", "joystick", "keyboard", "mouse", "physics", "sound",
    "system", "touch", "video", "window" } do
    t.modules[name] = false
  end
end
