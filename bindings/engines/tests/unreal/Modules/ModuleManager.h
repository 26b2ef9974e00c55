// Not Unreal Engine: see CoreMinimal.h.

#pragma once

class IModuleInterface {
public:
    virtual ~IModuleInterface() = default;
    virtual void StartupModule() {}
    virtual void ShutdownModule() {}
};

#define IMPLEMENT_MODULE(type, name)              \
    IModuleInterface *name##_module() {           \
        static type one;                          \
        return &one;                              \
    }
