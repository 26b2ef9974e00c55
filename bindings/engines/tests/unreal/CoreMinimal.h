// Not Unreal Engine: just enough of its names, written by us, for ../../unreal/RopcUserModule.cpp to be compiled and run.
// Letters are ASCII, paths are as they come, and the ticker ticks when a test says so.

#pragma once

#include <functional>
#include <string>

#define THIRD_PARTY_INCLUDES_START
#define THIRD_PARTY_INCLUDES_END
#define TEXT(text) L##text
#define check(condition) ((void)(condition))
#define verify(condition) ((void)(condition))

using TCHAR = wchar_t;
using ANSICHAR = char;
using int32 = int;

template <class T>
using TFunction = std::function<T>;

class FString {
public:
    FString() = default;
    FString(const TCHAR *text) : text_(text) {}
    const TCHAR *operator*() const { return text_.c_str(); }
    int32 Len() const { return static_cast<int32>(text_.size()); }
    friend FString operator/(const FString &folder, const TCHAR *name) { return (folder.text_ + L"/" + name).c_str(); }

private:
    std::wstring text_;
};

class FTCHARToUTF8 {
public:
    explicit FTCHARToUTF8(const TCHAR *text) : text_(text, text + std::wstring(text).size()) {}
    const ANSICHAR *Get() const { return text_.c_str(); }
    int32 Length() const { return static_cast<int32>(text_.size()); }

private:
    std::basic_string<ANSICHAR> text_;
};

class FUTF8ToTCHAR {
public:
    explicit FUTF8ToTCHAR(const ANSICHAR *text) : text_(text, text + std::string(text).size()) {}
    const TCHAR *Get() const { return text_.c_str(); }

private:
    std::wstring text_;
};

#define TCHAR_TO_UTF8(text) (FTCHARToUTF8(text).Get())
#define UTF8_TO_TCHAR(text) (FUTF8ToTCHAR(text).Get())
