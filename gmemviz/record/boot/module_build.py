"""Compile what a guest runs: our static programs, and Designs written as C as one kernel module."""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from subprocess import STDOUT
from threading import Event
from typing import Final

from gmemviz.errors import MissingToolError, RecordingError
from gmemviz.processes import run
from gmemviz.record.boot.kernel_images import KernelImage, headers_of

RECORDING: Final = files("gmemviz.record") / "driver"
"""C of the init that records a scenario."""
JUDGING: Final = files("gmemviz.record") / "module"
"""C of the module's driver, and in `guest` of the init that loads it and plays the runs."""

PROVOKING: Final = files("gmemviz.record") / "provoked"
"""C of the init that uses a filesystem of the kernel's own; what it plays lies in RECORDING."""
PROVOKES: Final = ("files.c", "image.c", "named.c")

PLAYING: Final = files("gmemviz.record") / "played"
"""C that goes into the module as well where a Design's own actors are played."""
PLAYS: Final = "plays"
"""The unit that has the plays of a module: it takes the place of the driver's own table."""
RENAMED: Final = (
    "CFLAGS_scenarios.o := -Dscenarios=basic_scenarios\n"
    "CFLAGS_readers.o := -Dcreate=create_and_attach\n"
)
"""What the driver's own files call otherwise then."""

PROGRAM_LIMIT: Final = 60.0
"""Seconds that a compiler may take; it needs one or two."""
LIMIT: Final = 600.0
"""Seconds that a module may take to be built."""
FLAGS: Final = ("-O1", "-static", "-Wall", "-Wextra")
ERROR: Final = re.compile(
    r"^(?P<file>[^\s:]+\.[ch]):(?P<line>\d+):\d+: error: (?P<says>.*)$", re.MULTILINE
)
TAIL: Final = 3
# What a module does not need, or asks for a newer compiler than the machine's may be.
SWITCHED_OFF: Final = (
    "DEBUG_INFO", "DEBUG_INFO_BTF_MODULES", "MODULE_SIG_ALL", "CC_HAS_MIN_FUNCTION_ALIGNMENT",
)  # fmt: skip


class CompileError(RecordingError):
    """Say what the compiler refused; `lines` are its own words."""

    def __init__(self, says: str, lines: tuple[str, ...]) -> None:
        super().__init__(says)
        self.lines = lines


def driver() -> bytes:
    """Return the static program that records a scenario as the guest's init.

    MissingToolError without a C compiler; RecordingError where it cannot compile.
    """
    with as_file(RECORDING) as folder:
        return _compiled(sorted(folder.glob("*.c")), "the driver")


def build_guest() -> bytes:
    """Return the static program that plays the runs as the guest's init; errors as `driver`'s."""
    with as_file(JUDGING) as folder:
        return _compiled([folder / "guest" / "init.c"], "the guest's init")


def build_provoker() -> bytes:
    """Return the static program that provokes a filesystem as the guest's init.

    Errors are those of `driver`.
    """
    with as_file(PROVOKING) as own, as_file(RECORDING) as folder:
        sources = [*sorted(own.glob("*.c")), *(folder / name for name in PROVOKES)]
        return _compiled(sources, "the guest's init", includes=[folder])


def _compiled(sources: Sequence[Path], what: str, includes: Sequence[Path] = ()) -> bytes:
    compiler = shutil.which("gcc")
    if not compiler:
        raise MissingToolError(f"{what} needs a C compiler: apt-get install gcc libc6-dev")
    with tempfile.TemporaryDirectory(prefix="gmemviz-") as scratch:
        program = Path(scratch) / "init"
        found = [f"-I{folder}" for folder in includes]
        command = [compiler, *FLAGS, *found, "-o", str(program), *map(str, sources)]
        done = run(command, limit=PROGRAM_LIMIT, scratch=Path(scratch))
        if done.is_late:
            raise RecordingError(f"{what} was not compiled in {PROGRAM_LIMIT:g} s")
        if done.status:
            said = done.errors.decode("utf-8", "replace").strip().splitlines()[-1:]
            raise RecordingError(f"gcc does not compile {what}: {' '.join(said)}")
        return program.read_bytes()


def driver_texts() -> tuple[str, ...]:
    """Return the C around a Design: what goes into the module, and the guest's init."""
    with as_file(JUDGING) as folder:
        return tuple(file.read_text(encoding="utf-8") for file in sorted(folder.rglob("*.[ch]")))


def need_build_tools() -> None:
    """Raise MissingToolError where a module cannot be compiled."""
    for tool in ("make", "gcc"):
        if not shutil.which(tool):
            raise MissingToolError(f"a module needs {tool}: apt-get install make gcc")


def build_module(
    kernel: KernelImage,
    texts: Mapping[str, str],
    *,
    limit: float = LIMIT,
    stop: Event | None = None,
) -> bytes:
    """Return a module of the driver and of the Designs in `texts`, by their names.

    CompileError where the compiler refuses a text; MissingToolError without make and gcc;
    RecordingError without headers, or where the module is not built within `limit` seconds.
    GmemvizError once `stop` is set. However it ends, make and the compiler do too.
    """
    headers = headers_of(kernel)
    need_build_tools()
    with tempfile.TemporaryDirectory(prefix="gmemviz-") as scratch:
        folder = Path(scratch)
        # A Design's name need not be a file's.
        names = {f"unit_{number}": name for number, name in enumerate(texts)}
        units = dict(zip(names, texts.values(), strict=True))
        _write_sources(folder, units, has_plays=PLAYS in texts)
        said = _make(headers, folder, limit, stop)
        module = folder / "designs.ko"
        if not module.is_file():
            raise _refused(said, names)
        return module.read_bytes()


def _write_sources(folder: Path, units: Mapping[str, str], *, has_plays: bool = False) -> None:
    folders = (JUDGING, PLAYING) if has_plays else (JUDGING,)
    for driver_folder in folders:
        with as_file(driver_folder) as found:
            for file in found.glob("*.[ch]"):
                shutil.copy(file, folder)
    names = sorted(file.stem for file in folder.glob("*.c"))
    for unit, text in units.items():
        (folder / f"{unit}.c").write_text(text, encoding="utf-8")
        names.append(unit)
    objects = " ".join(f"{name}.o" for name in names)
    kbuild = f"obj-m := designs.o\ndesigns-y := {objects}\n"
    # A play names one of the driver's own scenarios, which keep their table under another name.
    # Who reads without a reference does so once an actor has attached what is read.
    kbuild += RENAMED if has_plays else ""
    (folder / "Kbuild").write_text(kbuild, encoding="utf-8")


def _make(headers: Path, folder: Path, limit: float, stop: Event | None) -> str:
    command = ["make", "-s", "-k", "-j2", "-C", str(headers), f"M={folder}", "CC=gcc"]
    command += [f"CONFIG_{name}=" for name in SWITCHED_OFF]
    english = {**os.environ, "LC_ALL": "C"}
    done = run(
        [*command, "modules"], limit=limit, scratch=folder, stderr=STDOUT, env=english, stop=stop
    )
    if done.is_late:
        raise RecordingError(f"the module was not built in {limit:g} s")
    return done.said.decode("utf-8", "replace").replace(f"{folder}/", "")


def _refused(said: str, names: Mapping[str, str]) -> RecordingError:
    errors: list[str] = []
    for error in ERROR.finditer(said):
        file = names.get(Path(error["file"]).stem, error["file"])
        errors.append(f"{file}:{error['line']}: {error['says']}")
    if errors:
        return CompileError(f"the compiler refuses it: {errors[0]}", tuple(errors))
    lines = said.strip().splitlines()
    own = [line for line in lines if not line.startswith("make")]
    return RecordingError(f"the module is not built: {' | '.join((own or lines)[-TAIL:])}")
