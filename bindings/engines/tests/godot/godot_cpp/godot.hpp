// Not godot-cpp: just enough of its names, written by us, for ../../../godot/ropc_user.cpp to be compiled and run.
// What the extension and Godot tell each other is typed by Godot's own gdextension_interface.h.

#pragma once

#include <gdextension_interface.h>

#include <cstdint>
#include <string>
#include <vector>

#define GDE_EXPORT __attribute__((visibility("default")))

namespace godot {

class CharString {
public:
    explicit CharString(const std::string &text) : bytes_(text.begin(), text.end()) { bytes_.push_back('\0'); }
    const char *get_data() const { return bytes_.data(); }
    char *ptrw() { return bytes_.data(); }
    int64_t size() const { return static_cast<int64_t>(bytes_.size()); }

private:
    std::vector<char> bytes_;
};

class String {
public:
    String() = default;
    String(const char *text) : text_(text) {}
    static String utf8(const char *text, int64_t length) {
        return std::string(text, static_cast<std::size_t>(length)).c_str();
    }
    CharString utf8() const { return CharString(text_); }
    String path_join(const String &name) const { return (text_ + "/" + name.text_).c_str(); }
    const std::string &seen() const { return text_; }

private:
    std::string text_;
};

enum ModuleInitializationLevel {
    MODULE_INITIALIZATION_LEVEL_CORE,
    MODULE_INITIALIZATION_LEVEL_SERVERS,
    MODULE_INITIALIZATION_LEVEL_SCENE,
    MODULE_INITIALIZATION_LEVEL_EDITOR,
};

// What the extension asked for, for the test to call.
struct GDExtensionBinding {
    using Callback = void (*)(ModuleInitializationLevel);
    static inline Callback initializer = nullptr, terminator = nullptr;
    class InitObject {
    public:
        InitObject(GDExtensionInterfaceGetProcAddress, GDExtensionClassLibraryPtr, GDExtensionInitialization *to)
            : to_(to) {}
        void register_initializer(Callback one) const { initializer = one; }
        void register_terminator(Callback one) const { terminator = one; }
        void set_minimum_library_initialization_level(ModuleInitializationLevel level) const {
            to_->minimum_initialization_level = static_cast<GDExtensionInitializationLevel>(level);
        }
        GDExtensionBool init() const { return 1; }

    private:
        GDExtensionInitialization *to_;
    };
};

}  // namespace godot
