// A bug for the checkers to find: a text is read after what it lives in.

#include "ropc.hpp"

int main() {
    auto options = ropc::options::loginradius("", "demo", "id");
    const auto message = options.error().message();
    options = ropc::error(ropc::status::arg);
    return message[0] == '\0';
}
