// Not godot-cpp: see ../godot.hpp.

#pragma once

#include <godot_cpp/godot.hpp>

#include <cstdlib>

namespace godot {

class OS {
public:
    static OS *get_singleton() {
        static OS one;
        return &one;
    }
    String get_user_data_dir() const { return std::getenv("STANDIN_FOLDER"); }
};

}  // namespace godot
