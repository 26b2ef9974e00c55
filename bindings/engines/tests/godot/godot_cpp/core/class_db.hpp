// Not godot-cpp: see ../godot.hpp.

#pragma once

#include <godot_cpp/classes/node.hpp>

#define D_METHOD(...) ::godot::MethodDefinition{__VA_ARGS__}
#define ADD_SIGNAL(signal) (void)(signal)
#define GDREGISTER_RUNTIME_CLASS(type) type::bound()

namespace godot {

struct MethodDefinition {
    std::vector<const char *> names;
    MethodDefinition(std::initializer_list<const char *> all) : names(all) {}
};

struct Variant {
    enum Type { STRING };
};

struct PropertyInfo {
    PropertyInfo(Variant::Type, const char *) {}
};

struct MethodInfo {
    template <class... T>
    explicit MethodInfo(const char *, const T &...) {}
};

class ClassDB {
public:
    // As many names as the method has, and arguments.
    template <class R, class T, class... A>
    static void bind_method(const MethodDefinition &definition, R (T::*)(A...)) {
        bound += definition.names.size() == 1 + sizeof...(A);
    }
    template <class R, class T, class... A>
    static void bind_method(const MethodDefinition &definition, R (T::*)(A...) const) {
        bound += definition.names.size() == 1 + sizeof...(A);
    }
    static inline int bound = 0;
};

}  // namespace godot
