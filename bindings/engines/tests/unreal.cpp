// Runs the module as Unreal Engine would, frame by frame, against the stand-in for LoginRadius.

#include "../unreal/RopcUserModule.cpp"

#include <cstdio>
#include <cstdlib>

#include <unistd.h>

static int failures = 0;

static void want(bool holds, const char *what) {
    if (!holds) std::printf("does not hold: %s\n", what);
    failures += !holds;
}

#define WANT(condition) want((condition), #condition)

// Has the stand-in end every refresh token, as an administrator does who ends a session.
static void kill_refresh() {
    const int line = std::atoi(std::getenv("STANDIN_LINE"));
    char letter = '\0';
    WANT(write(line, "kill_refresh\n", 13) == 13);
    while (letter != '\n' && read(line, &letter, 1) == 1) continue;
}

int main(int count, char **) {
    auto &module = static_cast<FRopcUserModule &>(*RopcUser_module());
    const FString site = UTF8_TO_TCHAR(std::getenv("STANDIN_HTTP"));
    int ended = 0;
    ropc::reason why = ropc::reason::none;
    module.OnEnded = [&](ropc::reason reason, const FString &message) {
        ended++;
        why = reason;
        WANT((reason == ropc::reason::none) == (message.Len() == 0));
    };
    const auto until_it_ends = [&ended] {
        ended = 0;
        while (ended == 0) FTSTicker::GetCoreTicker().Tick(0.016f);
    };
    module.StartupModule();
    // At a stand-in whose tokens live for 20 s only, so that each wants another one.
    if (count > 1) {
        module.Open(site, TEXT("demo"), TEXT("demo-client"), TEXT("ada"));
        module.SignIn(TEXT("ada"), TEXT("correct horse"));
        until_it_ends();
        kill_refresh();
        ended = 0;
        while (ended == 0) WANT(module.AccessToken().Len() == 0);
        WANT(why == ropc::reason::refresh_ended);
        WANT(module.AccessToken().Len() == 0 && ended == 1);
        module.ShutdownModule();
        return failures == 0 ? 0 : 1;
    }
    WANT(!module.Open(TEXT("not a site"), TEXT("demo"), TEXT("demo-client"), TEXT("ada")));
    WANT(ended == 1 && why == ropc::reason::argument);
    WANT(!module.Open(site, TEXT("demo"), TEXT("demo-client"), TEXT("ada")) && ended == 1);
    WANT(module.AccessToken().Len() == 0);
    module.SignIn(TEXT("ada"), TEXT("wrong"));
    until_it_ends();
    WANT(why == ropc::reason::wrong_credentials);
    module.SignIn(TEXT("ada"), TEXT("correct horse"));
    until_it_ends();
    WANT(why == ropc::reason::none && module.AccessToken().Len() > 20);
    module.ShutdownModule();

    // Play once more; then it ends while somebody signs in.
    module.StartupModule();
    WANT(module.Open(site, TEXT("demo"), TEXT("demo-client"), TEXT("ada")) && module.AccessToken().Len() > 20);
    module.SignIn(TEXT("fault:never"), TEXT("correct horse"));
    module.ShutdownModule();
    WANT(ropc::shutdown(std::chrono::milliseconds(0)) == 0);
    ended = 0;
    FTSTicker::GetCoreTicker().Tick(0.016f);
    WANT(ended == 0);
    return failures == 0 ? 0 : 1;
}
