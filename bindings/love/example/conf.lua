function love.conf(t)
  t.identity = "ropc-example" -- The folder in which the player stays signed in.
  t.version = "11.4"
  t.window.title = "ropc example"
  t.window.width, t.window.height = 800, 600
  t.window.msaa = 4
  t.window.resizable = true
  t.window.minwidth, t.window.minheight = 480, 560
  t.modules.audio, t.modules.joystick, t.modules.physics, t.modules.sound, t.modules.video = false, false, false, false,
    false
end
