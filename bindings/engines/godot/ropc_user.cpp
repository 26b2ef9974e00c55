// A user who signs in, for a GDExtension of Godot 4: copy it into yours. ../README.md says how it is built.

#include <ropc.hpp>

#include <godot_cpp/classes/node.hpp>
#include <godot_cpp/classes/os.hpp>
#include <godot_cpp/core/class_db.hpp>
#include <godot_cpp/godot.hpp>

using namespace godot;
using namespace std::chrono_literals;

static String text(std::string_view from) { return String::utf8(from.data(), static_cast<int64_t>(from.size())); }

// One user. What takes time is started here, and asked every frame.
class RopcUser : public Node {
    GDCLASS(RopcUser, Node)

    ropc::client client;
    ropc::store store;
    ropc::session session;
    ropc::request<ropc::session> login;
    ropc::status told = ropc::status::ok;

    template <class T>
    bool failed(const ropc::result<T> &what) {
        if (what) return false;
        emit_signal("failed", text(ropc::name(what.error().reason())), text(what.error().message()));
        return true;
    }

public:
    // True when she is still signed in from the last time; else ask for the password. Reads a file.
    bool open(const String &site, const String &app, const String &client_id, const String &user) {
        auto options = ropc::options::loginradius(site.utf8().get_data(), app.utf8().get_data(),
                                                  client_id.utf8().get_data());
        if (failed(options)) return false;
        auto made = ropc::client::create(*options);
        const String path = OS::get_singleton()->get_user_data_dir().path_join("login");
        auto kept = ropc::store::file(path.utf8().get_data());
        if (failed(made) || failed(kept)) return false;
        client = *std::move(made);
        store = *std::move(kept);
        auto resumed = client.session_resume(store, user.utf8().get_data());
        if (resumed.status() == ropc::status::signed_out || failed(resumed)) return false;
        session = *std::move(resumed);
        return true;
    }

    // The signal signed_in or failed tells how it ends.
    void sign_in(const String &user, const String &password) {
        CharString secret = password.utf8();
        auto prepared = client.request_session_login(user.utf8().get_data(), secret.get_data(), store);
        ropc::wipe(secret.ptrw(), static_cast<size_t>(secret.size()));
        if (failed(prepared) || failed(prepared->start())) return;
        login = *std::move(prepared);
    }

    void _process(double) override {
        if (!login || login.poll() == ropc::status::pending) return;
        auto ended = login.take();
        login = {};
        if (failed(ended)) return;
        session = *std::move(ended);
        emit_signal("signed_in");
    }

    // For "Authorization: Bearer ...", good for 30 s more; "" while there is none: ask again in the next frame. Why
    // there is none the signal failed tells once; of a session that has ended nothing is left: ask for the password.
    String access_token() {
        if (!session) return String();
        const auto token = session.poll(30s);
        if (token.status() == ropc::status::pending) return String();
        const bool news = told != token.status();
        told = token.status();
        if (told == ropc::status::signed_out) {
            session = {};
            told = ropc::status::ok;
        }
        if (news) failed(token);
        return token ? text(token->access_token()) : String();
    }

protected:
    static void _bind_methods() {
        ClassDB::bind_method(D_METHOD("open", "site", "app", "client_id", "user"), &RopcUser::open);
        ClassDB::bind_method(D_METHOD("sign_in", "user", "password"), &RopcUser::sign_in);
        ClassDB::bind_method(D_METHOD("access_token"), &RopcUser::access_token);
        ADD_SIGNAL(MethodInfo("signed_in"));
        ADD_SIGNAL(MethodInfo("failed", PropertyInfo(Variant::STRING, "reason"), PropertyInfo(Variant::STRING, "message")));
    }
};

static void begin(ModuleInitializationLevel level) {
    if (level == MODULE_INITIALIZATION_LEVEL_SCENE) GDREGISTER_RUNTIME_CLASS(RopcUser);
}

// Before Godot unloads this code: the end of the game, or a hot reload in the editor.
static void end(ModuleInitializationLevel level) {
    if (level == MODULE_INITIALIZATION_LEVEL_SCENE) ropc::shutdown(2s);
}

extern "C" GDExtensionBool GDE_EXPORT ropc_godot_begin(GDExtensionInterfaceGetProcAddress get,
                                                       GDExtensionClassLibraryPtr library,
                                                       GDExtensionInitialization *to) {
    GDExtensionBinding::InitObject extension(get, library, to);
    extension.register_initializer(begin);
    extension.register_terminator(end);
    extension.set_minimum_library_initialization_level(MODULE_INITIALIZATION_LEVEL_SCENE);
    return extension.init();
}
