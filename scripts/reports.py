"""Make the shipped probe reports anew: `make reports`.

Without an argument this machine's kernel is asked. With the name of a kernel that `make kernels`
has fetched, that one is booted in QEMU with this Python as its init; it never runs here.
"""

import argparse
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from gmemviz.errors import GmemvizError
from gmemviz.facts import ProbeReport, kernel_name, kernels
from gmemviz.probe import ask_kernel, experiments, perform
from gmemviz.record.boot.channel import Port
from gmemviz.record.boot.kernel_images import find_kernel, load_modules
from gmemviz.record.boot.qemu import boot
from gmemviz.whole import write_whole

__all__ = ("main",)

ROOT: Final = Path(__file__).resolve().parent.parent
DATA: Final = ROOT / "gmemviz" / "probe" / "data"
FILES: Final = ("*.py", "facts/*.*", "processes/*.py", "probe/**/*.py", "probe/questions/*.toml")
"""What of the package a guest needs to ask its own kernel."""
NEVER_NEEDED: Final = {"test", "idlelib", "ensurepip", "site-packages", "__pycache__", "lib2to3",
                       "tkinter", "turtledemo", "pydoc_data"}  # fmt: skip
PYTHON: Final = Path(sys.executable).resolve()
LIMIT: Final = 600.0
"""Seconds for a guest; under emulation Python is slow."""

INIT: Final = """#!{python} -I
import ctypes, os, sys, time, traceback, zlib

libc = ctypes.CDLL(None, use_errno=True)
for kind, place in (("proc", "/proc"), ("devtmpfs", "/dev"), ("sysfs", "/sys"), ("tmpfs", "/tmp")):
    os.makedirs(place, exist_ok=True)
    libc.mount(b"none", place.encode(), kind.encode(), 0, None)
for _ in range(1000):
    if os.path.exists("/dev/vport0p1"):
        break
    time.sleep(0.01)
port = open("/dev/vport0p1", "wb", buffering=0)
try:
    port.write(b"booted %s\\n" % os.uname().release.encode())
    for name in open("/job/modules").read().split():
        fd = os.open("/job/%s.ko" % name, os.O_RDONLY)
        if libc.syscall(313, fd, b"", 0):
            raise OSError(ctypes.get_errno(), "loading " + name)
    sys.path.insert(0, "/package")
    from dataclasses import replace
    from gmemviz.probe import ask_kernel, experiments, perform
    report = ask_kernel(time_limit=300.0)
    port.write(b"asked\\n")
    tried = tuple(perform(name, time_limit=300.0) for name in experiments())
    text = replace(report, experiments=tried).json().encode()
    port.write(b"trace %d %x\\n" % (len(text), zlib.crc32(text)))
    sent = 0
    while sent < len(text):
        sent += port.write(text[sent : sent + 4096])
        time.sleep(0.01)
    port.write(b"end\\n")
    time.sleep(1)  # what is still on its way is lost when the power goes
except BaseException:
    port.write(b"refused %s\\n" % traceback.format_exc().strip().replace("\\n", " | ").encode())
finally:
    libc.sync()
    libc.reboot(0x4321FEDC)
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Write one report; return 0, or end with one sentence."""
    named = " or ".join(kernels())
    parser = argparse.ArgumentParser(prog="scripts.reports", description=__doc__)
    parser.add_argument("kernel", nargs="?", metavar="KERNEL", help=f"{named}, in QEMU")
    arguments = parser.parse_args(argv)
    try:
        report = guest(arguments.kernel) if arguments.kernel else here()
    except GmemvizError as error:
        sys.exit(f"no report: {error}")
    if not report.value("mount"):
        sys.exit(f"no report: {' '.join(report.missing)}")
    write_whole(DATA / f"{kernel_name(report.kernel)}.json", report.json().encode())
    print(report.headline)
    return 0


def here() -> ProbeReport:
    """Return what this machine's kernel says, with the experiments."""
    return replace(ask_kernel(), experiments=tuple(map(perform, experiments())))


def guest(kernel: str) -> ProbeReport:
    """Return what a kernel booted in QEMU says."""
    found = find_kernel(kernel)
    modules = load_modules(found, ("kvm-amd",))
    contents = {
        "init": INIT.replace("{python}", str(PYTHON)).encode(),
        "job/modules": "\n".join(modules).encode(),
        **{f"job/{name}.ko": data for name, data in modules.items()},
        **dict(_python()),
        **dict(_package()),
    }
    channel = Port(lambda line: print(line, flush=True), limit=LIMIT)
    return ProbeReport.from_json(boot(found, contents, channel))


def _package() -> Iterator[tuple[str, bytes]]:
    for pattern in FILES:
        for file in sorted((ROOT / "gmemviz").glob(pattern)):
            yield f"package/{file.relative_to(ROOT)}", file.read_bytes()


# Under the same paths as here: the interpreter, its library without what is large and not
# imported, and what both link to.
def _python() -> Iterator[tuple[str, bytes]]:
    library = Path(sysconfig.get_path("stdlib"))
    yield str(PYTHON).lstrip("/"), PYTHON.read_bytes()
    linked = {PYTHON}
    for file in sorted(library.rglob("*")):
        inside = file.relative_to(library)
        if file.is_file() and not NEVER_NEEDED & set(inside.parts) and file.suffix != ".a":
            yield str(file).lstrip("/"), file.read_bytes()
            linked |= {file} if file.suffix == ".so" else set()
    for shared in sorted({found for file in linked for found in _linked(file)}):
        yield shared.lstrip("/"), Path(shared).read_bytes()


def _linked(file: Path) -> Iterator[str]:
    said = subprocess.run(["ldd", file], capture_output=True, text=True, check=False).stdout
    for word in said.split():
        if word.startswith("/"):
            yield word


if __name__ == "__main__":
    sys.exit(main())
