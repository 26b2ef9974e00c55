// A bug for the checkers to find: nothing owns the settings.

#include "ropc.hpp"

int main() {
    ropc_options *options = nullptr;
    const ropc_status status = ropc_options_loginradius("localhost", "demo", "id", &options, nullptr);
    options = nullptr;
    return static_cast<int>(status);
}
