// Not Unreal Engine: see CoreMinimal.h.

#pragma once

#include "CoreMinimal.h"

#include <cstdlib>

class FPaths {
public:
    static FString ProjectSavedDir() { return UTF8_TO_TCHAR(std::getenv("STANDIN_FOLDER")); }
    static FString ConvertRelativePathToFull(const FString &path) { return path; }
};
