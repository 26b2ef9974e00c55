// What every program here needs: named cases, and clients for the stand-in, whose place run.py tells by the
// environment. cases.cpp has main().

#ifndef CASES_HPP
#define CASES_HPP

#include <chrono>
#include <string>
#include <string_view>

#include "ropc.hpp"

using namespace std::chrono_literals;

// The password of every account of the stand-in.
constexpr std::string_view password = "correct horse";

// Longer than anything here takes: whoever waits so long has found a bug.
constexpr auto long_time = 50s;

// Lists a case when the program starts; the body follows.
#define CASE(name)                                          \
    static void name();                                     \
    static const bool name##_is_listed = list(#name, name); \
    static void name()

bool list(const char *name, void (*function)());

// A failure is told, and the case goes on.
bool check(bool holds, const char *what, const char *file, int line);
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)

// A call ended so; if not, its message is shown.
bool ended(const ropc::error &error, ropc::status status, ropc::reason reason, const char *what, const char *file,
           int line);
#define ENDED(result, how, why) \
    ended((result).error(), ropc::status::how, ropc::reason::why, #result, __FILE__, __LINE__)
#define OK(result) ENDED(result, ok, none)

// Where something is; the program ends when run.py did not say.
std::string where(const char *name);

// A URL at the stand-in.
std::string at_standin(std::string_view path);

// A path in the folder of this run that no other program has.
std::string in_folder(std::string_view name);

// Has the stand-in do a command of `standin --help`; what it answers.
std::string ask_standin(std::string_view command);

// How often the stand-in did so since it was started: "refreshed", "revoked".
long granted(std::string_view what);

inline bool holds(std::string_view text, std::string_view part) { return text.find(part) != text.npos; }

// Trusts the stand-in's authority and uses no proxy.
void trust_standin(ropc::options &options);

// Settings for application `app`, its identity API at the stand-in too.
ropc::options options_for(std::string_view app = "demo");

// A client from these; the program ends when there is none.
ropc::client client_of(const ropc::options &options);
inline ropc::client new_client() { return client_of(options_for()); }

// Whether all threads of the library are gone. One that was waited for is still listed for a moment.
bool no_threads();

#endif
