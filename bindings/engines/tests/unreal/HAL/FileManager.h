// Not Unreal Engine: see CoreMinimal.h.

#pragma once

#include "CoreMinimal.h"

class IFileManager {
public:
    static IFileManager &Get() {
        static IFileManager one;
        return one;
    }
    // The test's folder is there.
    bool MakeDirectory(const TCHAR *, bool = false) { return true; }
};
