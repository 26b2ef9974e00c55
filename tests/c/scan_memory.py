"""The memory of a living process, and the core dump that the system writes of
one."""

import os
import resource
import shutil
import signal
import struct
import subprocess
import sys
from pathlib import Path

from harness import need

PAGE = os.sysconf("SC_PAGE_SIZE")

# Mapped by the kernel, the same for everybody.
KERNELS = ("[vvar]", "[vvar_vclock]", "[vdso]", "[vsyscall]")


def mappings(pid):
    """Start, end, access, file and whether it is kept out of core dumps, of
    each mapping."""
    mapping = None
    for line in Path(f"/proc/{pid}/smaps").read_text().splitlines():
        name, *rest = line.split(None, 5)
        if not name.endswith(":"):
            start, end = (int(number, 16) for number in name.split("-"))
            mapping = [start, end, rest[0], rest[4] if len(rest) > 4 else ""]
        elif name == "VmFlags:":
            yield *mapping, "dd" in line.split()


def resident(pagemap, start, end):
    """The spans of pages between `start` and `end` that hold anything: those
    of a stack, say, that were never touched are left out."""
    pagemap.seek(start // PAGE * 8)
    entries = struct.unpack(f"{(end - start) // PAGE}Q", pagemap.read((end - start) // PAGE * 8))
    begin = None
    for at, entry in enumerate([*entries, 0]):
        # Present or in swap.
        if entry >> 62 and begin is None:
            begin = at
        elif not entry >> 62 and begin is not None:
            yield start + begin * PAGE, start + at * PAGE
            begin = None


def memory(pid):
    """What the process can write to, or could: the bytes of each span, and
    whether the span is kept out of core dumps."""
    with open(f"/proc/{pid}/pagemap", "rb", 0) as pagemap, open(f"/proc/{pid}/mem", "rb", 0) as bytes_of:
        for start, end, access, name, kept_out in mappings(pid):
            # What is of a file and cannot be written to is as the file.
            if name in KERNELS or ("w" not in access and name.startswith("/")):
                continue
            for first, last in resident(pagemap, start, end):
                bytes_of.seek(first)
                yield bytes_of.read(last - first), kept_out


def allow_core(folder):
    """For a child process, before it starts: a core dump, in `folder`."""
    resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
    os.chdir(folder)


def pieces(path):
    """The parts of a file that are not holes."""
    with open(path, "rb", 0) as file:
        end, at = os.fstat(file.fileno()).st_size, 0
        while at < end:
            try:
                at = os.lseek(file.fileno(), at, os.SEEK_DATA)
            except OSError:
                return  # A hole up to the end.
            hole = os.lseek(file.fileno(), at, os.SEEK_HOLE)
            file.seek(at)
            yield file.read(hole - at)
            at = hole


def kernel_writes_cores():
    """Whether a core dump becomes a file in the process's own folder."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    return "|" not in pattern and "/" not in pattern and resource.getrlimit(resource.RLIMIT_CORE)[1] != 0


def kernels_core(process, folder):
    """Ends the process as a crash would; the core dump that the kernel writes."""
    process.send_signal(signal.SIGABRT)
    process.wait(60)
    cores = list(Path(folder).iterdir())
    if len(cores) != 1:
        sys.exit(f"the kernel wrote {len(cores)} core dumps into {folder}, not 1; what limits them there?")
    return cores[0]


def gdbs_core(process, folder):
    """The core dump that gdb writes of the process, which lives on."""
    need("gdb", "gdb")
    output = Path(folder) / "gdb"
    done = subprocess.run(
        [need("gcore", "gdb"), "-o", output, str(process.pid)], capture_output=True, text=True, timeout=120
    )
    core = output.with_name(f"gdb.{process.pid}")
    if not core.exists():
        sys.exit(f"gcore wrote no core dump:\n{done.stdout}{done.stderr}")
    return core


def core(process, folder, by_gdb=False):
    """The bytes of a core dump of the process, by spans; `folder` is empty, and
    is removed."""
    write = gdbs_core if by_gdb or not kernel_writes_cores() else kernels_core
    try:
        yield from pieces(write(process, folder))
    finally:
        shutil.rmtree(folder)
