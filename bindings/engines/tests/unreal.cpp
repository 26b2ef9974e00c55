// Runs the module of the page as Unreal Engine would, frame by frame, against the stand-in for LoginRadius.

#include "page.cpp"

#include <cstdio>
#include <cstdlib>

static int failures = 0;

static void want(bool holds, const char *what) {
    if (!holds) std::printf("does not hold: %s\n", what);
    failures += !holds;
}

#define WANT(condition) want((condition), #condition)

int main() {
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
