// A user who signs in, as a module of Unreal Engine 5: copy it into yours. ../README.md says how it is built.

#include "CoreMinimal.h"

#include "Containers/Ticker.h"
#include "HAL/FileManager.h"
#include "Misc/Paths.h"
#include "Modules/ModuleManager.h"

THIRD_PARTY_INCLUDES_START
#include "ropc.hpp"
THIRD_PARTY_INCLUDES_END

// One user. What takes time is started here, and asked every frame, on the game thread.
class FRopcUserModule : public IModuleInterface
{
public:
    // Told when a sign-in or a session has ended: with ropc::reason::none when she is signed in, else why not.
    TFunction<void(ropc::reason, const FString&)> OnEnded;

    virtual void StartupModule() override
    {
        Ticker = FTSTicker::GetCoreTicker().AddTicker(FTickerDelegate::CreateRaw(this, &FRopcUserModule::Tick));
    }

    // Before this code is unloaded: the end of the program, or of a plug-in.
    virtual void ShutdownModule() override
    {
        FTSTicker::GetCoreTicker().RemoveTicker(Ticker);
        Login = {};
        Session = {};
        ropc::shutdown(std::chrono::seconds(2));
    }

    // True when she is still signed in from the last time; else ask for the password. Reads a file.
    bool Open(const FString& Site, const FString& App, const FString& ClientId, const FString& User)
    {
        IFileManager::Get().MakeDirectory(*FPaths::ProjectSavedDir(), true);
        const FString Path = FPaths::ConvertRelativePathToFull(FPaths::ProjectSavedDir() / TEXT("login"));
        auto Options = ropc::options::loginradius(TCHAR_TO_UTF8(*Site), TCHAR_TO_UTF8(*App), TCHAR_TO_UTF8(*ClientId));
        auto Made = ropc::client::create(*Options);
        auto Kept = ropc::store::file(TCHAR_TO_UTF8(*Path));
        if (Failed(Options) || Failed(Made) || Failed(Kept)) return false;
        Client = *std::move(Made);
        Store = *std::move(Kept);
        auto Resumed = Client.session_resume(Store, TCHAR_TO_UTF8(*User));
        if (Resumed.status() == ropc::status::signed_out || Failed(Resumed)) return false;
        Session = *std::move(Resumed);
        return true;
    }

    void SignIn(const FString& User, const FString& Password)
    {
        FTCHARToUTF8 Secret(*Password);
        const std::string_view View(Secret.Get(), static_cast<size_t>(Secret.Length()));
        auto Prepared = Client.request_session_login(TCHAR_TO_UTF8(*User), View, Store);
        ropc::wipe(const_cast<char*>(View.data()), View.size());
        if (Failed(Prepared) || Failed(Prepared->start())) return;
        Login = *std::move(Prepared);
    }

    // For "Authorization: Bearer ...", good for 30 s more; "" while there is none: ask again in the next frame. Why
    // there is none OnEnded is told once; of a session that has ended nothing is left: ask for the password.
    FString AccessToken()
    {
        if (!Session) return FString();
        const auto Token = Session.poll(std::chrono::seconds(30));
        if (Token.status() == ropc::status::pending) return FString();
        const bool News = Told != Token.status();
        Told = Token.status();
        if (Told == ropc::status::signed_out)
        {
            Session = {};
            Told = ropc::status::ok;
        }
        if (News) Failed(Token);
        return Token ? Text(Token->access_token()) : FString();
    }

private:
    bool Tick(float)
    {
        if (!Login || Login.poll() == ropc::status::pending) return true;
        auto Ended = Login.take();
        Login = {};
        if (Failed(Ended)) return true;
        Session = *std::move(Ended);
        if (OnEnded) OnEnded(ropc::reason::none, FString());
        return true;
    }

    template <class T>
    bool Failed(const ropc::result<T>& What) const
    {
        if (!What && OnEnded) OnEnded(What.error().reason(), Text(What.error().message()));
        return !What;
    }

    static FString Text(std::string_view From) { return FString(UTF8_TO_TCHAR(std::string(From).c_str())); }

    FTSTicker::FDelegateHandle Ticker;
    ropc::client Client;
    ropc::store Store;
    ropc::session Session;
    ropc::request<ropc::session> Login;
    ropc::status Told = ropc::status::ok;
};

IMPLEMENT_MODULE(FRopcUserModule, RopcUser)
