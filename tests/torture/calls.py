"""Which system calls an operation makes, in which ways each of them can fail, and
what may come of it."""

import errno
from collections import Counter
from dataclasses import dataclass

# What may come of a fault, as reasons; "" is a success.
NOTHING = {""}
SHORTAGE = {"", "RESOURCES"}
DISK = {"", "STORE_ACCESS"}
ROUTE = {"CONNECTION_REFUSED", "UNREACHABLE", "CUT_OFF_BEFORE_SENT"}
SOCKET = {"RESOURCES", "UNREACHABLE", "CUT_OFF_BEFORE_SENT"}
CUT = {"", "CUT_OFF_BEFORE_SENT", "CUT_OFF_AFTER_SENT", "UNCLEAR"}
LOOK_UP = {"", "UNRESOLVED"}
ROOTS = {"", "TLS_UNKNOWN_ISSUER"}

# By call and what it is about: what may come, of which errors. An error comes
# instead of the call; with `after:` in front, the call was made all the same, as it
# always is with close(). `short`: fewer bytes; `cut`: the same, then the connection
# is gone; `end`: no bytes.
FAULTS = {
    "openat path": [
        (SHORTAGE, "EMFILE ENFILE ENOMEM"),
        (DISK, "EACCES ELOOP ENOSPC EDQUOT EROFS EIO"),
        (NOTHING, "EINTR"),
    ],
    "statx path": [(DISK, "EACCES ENOMEM EIO"), (NOTHING, "ENOSYS")],
    "statx file": [(SHORTAGE, "ENOMEM"), (DISK, "EIO"), (NOTHING, "ENOSYS")],
    "newfstatat path": [(DISK, "EACCES ENOMEM EIO ELOOP")],
    "newfstatat file": [(DISK, "ENOMEM EIO")],
    "newfstatat folder": [(NOTHING, "ENOMEM EIO")],
    # As if the host had closed it; in the end it is not closed then either.
    "newfstatat socket": [(CUT, "EBADF")],
    "read file": [(DISK, "EIO"), (NOTHING, "EINTR short")],
    "write file": [(DISK, "ENOSPC EDQUOT EIO EFBIG"), (NOTHING, "EINTR short")],
    "fsync file": [(DISK, "EIO ENOSPC EDQUOT"), (NOTHING, "EINTR")],
    # EINVAL: a file system that does not do this.
    "fsync folder": [(DISK, "EIO ENOSPC"), (NOTHING, "EINVAL")],
    "rename path": [(DISK, "EIO ENOSPC EDQUOT EACCES EROFS after:EIO")],
    "flock file": [(DISK, "ENOLCK"), (SHORTAGE, "ENOMEM"), (NOTHING, "EINTR EWOULDBLOCK")],
    "close file": [(NOTHING, "after:EIO after:EINTR after:ENOSPC")],
    "close folder": [(NOTHING, "after:EIO after:EINTR")],
    "close socket": [(NOTHING, "after:EIO after:EINTR")],
    "getdents64 folder": [(NOTHING, "EIO ENOENT")],
    "lseek file": [(NOTHING, "EINVAL")],
    "prlimit64 -": [(NOTHING, "EPERM")],
    "socket -": [(SHORTAGE, "EMFILE ENFILE ENOMEM ENOBUFS"), (ROUTE, "EACCES EAFNOSUPPORT")],
    "connect socket": [
        (ROUTE, "ECONNREFUSED ENETUNREACH EHOSTUNREACH ETIMEDOUT ECONNRESET EACCES EADDRNOTAVAIL"),
        (SHORTAGE, "ENOMEM"),
    ],
    "sendmsg socket": [(CUT, "EPIPE ECONNRESET ENOBUFS ENOMEM cut"), (NOTHING, "EAGAIN EINTR short")],
    "recvfrom socket": [(CUT, "ECONNRESET ENOMEM end"), (NOTHING, "EAGAIN EINTR short")],
    "poll -": [(SHORTAGE, "ENOMEM"), (NOTHING, "EINTR")],
    "fcntl socket": [(SOCKET, "EPERM")],
    "ioctl socket": [(SOCKET, "ENOMEM")],
    "getsockopt socket": [(SOCKET, "ENOMEM")],
    "setsockopt socket": [(SOCKET, "ENOMEM EINVAL")],
    # Some of it can be had in another way.
    "getrandom -": [(SHORTAGE, "ENOSYS EPERM"), (NOTHING, "EINTR")],
    "clone3 -": [(SHORTAGE, "EAGAIN ENOMEM EPERM"), (NOTHING, "ENOSYS")],
    "mmap -": [(SHORTAGE, "ENOMEM EAGAIN")],
    "mprotect -": [(SHORTAGE, "ENOMEM EACCES")],
    "munmap -": [(NOTHING, "ENOMEM")],
    "madvise -": [(NOTHING, "ENOMEM EINVAL EAGAIN")],
    "sched_setscheduler -": [(NOTHING, "EPERM ENOSYS")],
}

# These do not fail, or only glibc would notice.
CERTAIN = {f"{name} -" for name in ["getpid", "gettid", "geteuid", "uname", "prctl", "brk", "sched_yield"]}
CERTAIN |= {f"{name} -" for name in ["rseq", "set_robust_list", "rt_sigprocmask", "rt_sigaction", "clock_nanosleep"]}

# Each with how its process ends: after doing it once more, or as in a crash.
OPERATIONS = {
    "cold": ["again"],
    "warm": ["again"],
    "request": ["again"],
    "roots": ["again"],
    "refresh": ["again", "gone"],
    "first": ["again", "gone"],
    "resume": ["again"],
    "sign_out": ["again", "gone"],
}
WITH_STORE = {"refresh", "first", "resume", "sign_out"}


@dataclass(frozen=True)
class Case:
    """A call that fails."""

    operation: str
    end: str
    thread: int
    call: str
    kind: str
    nth: int
    fault: str
    about: str
    outcomes: frozenset

    def order(self):
        """What the driver is told."""
        how, _, name = self.fault.rpartition(":")
        number = getattr(errno, name, 0)
        how = how or ("instead" if number else name)
        return f"call {self.thread} {self.call} {self.kind} {self.nth} {how} {number}"

    def __str__(self):
        return f"{self.call}({self.about}) no. {self.nth} of thread {self.thread}, {self.fault}, then {self.end}"


def cases(operation, end, recordings):
    """Every fault of every call that one of the recordings has."""
    counted = {}
    for calls in recordings:
        count = Counter()
        for thread, call, kind, path in calls:
            count[thread, call, kind] += 1
            counted.setdefault((thread, call, kind, count[thread, call, kind]), path)
    # glibc looks names up there.
    look_ups = {thread for calls in recordings for thread, _, _, path in calls if path == "nsswitch.conf"}
    found = []
    for (thread, call, kind, nth), path in counted.items():
        key = f"{call} {kind}"
        if key in CERTAIN:
            continue
        if key not in FAULTS:
            raise SystemExit(f"{operation} calls {key} ({path}): say in tests/torture/calls.py how that can fail")
        for outcomes, faults in FAULTS[key]:
            if outcomes is NOTHING and end == "gone":
                continue  # As when it lived on.
            if operation in WITH_STORE and outcomes in (SHORTAGE, DISK):
                # Where it was the new tokens that came to no place.
                outcomes = outcomes | {"SAVE_FAILED"}
            if operation == "roots" and outcomes is DISK:
                outcomes = ROOTS
            if thread in look_ups:
                outcomes = outcomes | LOOK_UP
            if operation == "sign_out":
                outcomes = outcomes | {"NOT_REVOKED"} if outcomes != NOTHING else NOTHING
            for fault in faults.split():
                found.append(Case(operation, end, thread, call, kind, nth, fault, path or kind, frozenset(outcomes)))
    return found
