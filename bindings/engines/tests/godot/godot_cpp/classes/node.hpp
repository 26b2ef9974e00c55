// Not godot-cpp: see ../godot.hpp.

#pragma once

#include <godot_cpp/godot.hpp>

#define GDCLASS(type, base)                  \
public:                                      \
    static void bound() { _bind_methods(); } \
                                             \
private:

namespace godot {

class Node {
public:
    virtual ~Node() = default;
    virtual void _process(double) {}
    // Every signal with its arguments, for the test to read.
    std::vector<std::vector<std::string>> emitted;

protected:
    template <class... T>
    void emit_signal(const char *name, const T &...arguments) {
        emitted.push_back({name, arguments.seen()...});
    }
};

}  // namespace godot
