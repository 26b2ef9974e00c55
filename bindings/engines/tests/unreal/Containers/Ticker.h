// Not Unreal Engine: see CoreMinimal.h.

#pragma once

#include "CoreMinimal.h"

#include <map>

class FTickerDelegate {
public:
    template <class T>
    static FTickerDelegate CreateRaw(T *object, bool (T::*function)(float)) {
        FTickerDelegate made;
        made.call = [object, function](float seconds) { return (object->*function)(seconds); };
        return made;
    }
    std::function<bool(float)> call;
};

class FTSTicker {
public:
    using FDelegateHandle = int;
    static FTSTicker &GetCoreTicker() {
        static FTSTicker one;
        return one;
    }
    FDelegateHandle AddTicker(const FTickerDelegate &delegate, float = 0) {
        all_[++last_] = delegate;
        return last_;
    }
    void RemoveTicker(FDelegateHandle handle) { all_.erase(handle); }
    // A frame.
    void Tick(float seconds) {
        for (auto &one : all_) one.second.call(seconds);
    }

private:
    int last_ = 0;
    std::map<FDelegateHandle, FTickerDelegate> all_;
};
