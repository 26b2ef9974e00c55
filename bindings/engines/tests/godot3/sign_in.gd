# A main loop that signs in, wrongly and rightly, asking every frame; then unloads the library in the middle of a third
# sign-in, and does all that once more.
extends SceneTree

var native
var step
var plays = 0

func ask(what):
	return native.call_native("standard_varcall", what, [])

func begin(what):
	step = what
	print(step, ": ", ask(step))

func play():
	plays += 1
	native = GDNative.new()
	native.library = load("res://plugin.gdnlib")
	print("loaded: ", native.initialize())
	begin("sign_in_wrongly")

func _initialize():
	play()

func _idle(_delta):
	var status = ask("poll")
	if status == 1:
		return
	print("ended: ", status)
	if step == "sign_in_wrongly":
		begin("sign_in")
		return
	print("token: ", ask("token_length") > 20)
	begin("sign_in_for_ever")
	print("unloaded: ", native.terminate())
	if plays == 1:
		play()
	else:
		quit()
