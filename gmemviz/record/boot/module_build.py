"""Build Designs written as C into one kernel module, with the headers of a fetched kernel."""

import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from importlib.resources import as_file, files
from pathlib import Path
from subprocess import STDOUT
from threading import Event
from typing import Final

from gmemviz.errors import MissingToolError, RecordingError
from gmemviz.processes import run
from gmemviz.record.boot.initramfs import compile_static
from gmemviz.record.boot.kernel_images import Kernel, headers_of

DRIVER: Final = files("gmemviz.record") / "module"
LIMIT: Final = 600.0
ERROR: Final = re.compile(
    r"^(?P<file>[^\s:]+\.[ch]):(?P<line>\d+):\d+: error: (?P<says>.*)$", re.MULTILINE
)
TAIL: Final = 3
FLAGS: Final = ("-O1", "-static", "-Wall")
# What a module does not need, or asks for a newer compiler than the machine's may be.
SWITCHED_OFF: Final = (
    "DEBUG_INFO", "DEBUG_INFO_BTF_MODULES", "MODULE_SIG_ALL", "CC_HAS_MIN_FUNCTION_ALIGNMENT",
)  # fmt: skip


class CompileError(RecordingError):
    """Say what the compiler refused; `lines` are its own words."""

    def __init__(self, says: str, lines: tuple[str, ...]) -> None:
        super().__init__(says)
        self.lines = lines


def driver_texts() -> tuple[str, ...]:
    """Return the driver's own C: what goes into the module, and the guest's init."""
    with as_file(DRIVER) as folder:
        every = sorted(file for file in folder.rglob("*.[ch]"))
        return tuple(file.read_text(encoding="utf-8") for file in every)


def build_module(
    kernel: Kernel,
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
    for tool in ("make", "gcc"):
        if not shutil.which(tool):
            raise MissingToolError(f"a module needs {tool}: apt-get install make gcc")
    with as_file(DRIVER) as folder, tempfile.TemporaryDirectory(prefix="gmemviz-") as scratch:
        place = Path(scratch)
        own = sorted(file.name for file in folder.glob("*.[ch]"))
        for name in own:
            shutil.copy(folder / name, place / name)
        units = [f"unit_{number}" for number in range(len(texts))]
        for unit, text in zip(units, texts.values(), strict=True):
            (place / f"{unit}.c").write_text(text, encoding="utf-8")
        objects = [name[:-2] for name in own if name.endswith(".c")] + units
        kbuild = f"obj-m := designs.o\ndesigns-y := {' '.join(f'{one}.o' for one in objects)}\n"
        (place / "Kbuild").write_text(kbuild, encoding="utf-8")
        said = _make(headers, place, limit, stop)
        module = place / "designs.ko"
        if not module.is_file():
            raise _refused(said, dict(zip(units, texts, strict=True)))
        return module.read_bytes()


def _make(headers: Path, place: Path, limit: float, stop: Event | None) -> str:
    command = ["make", "-s", "-k", "-j2", "-C", str(headers), f"M={place}", "CC=gcc"]
    switched_off = [f"CONFIG_{name}=" for name in SWITCHED_OFF]
    done = run(
        [*command, *switched_off, "modules"], limit=limit, scratch=place, stderr=STDOUT,
        env={**os.environ, "LC_ALL": "C"}, stop=stop,
    )  # fmt: skip
    if done.is_late:
        raise RecordingError(f"the module was not built in {limit:g} s")
    return done.said.decode("utf-8", "replace").replace(f"{place}/", "")


def _refused(said: str, names: Mapping[str, str]) -> RecordingError:
    errors = tuple(
        f"{names.get(Path(one['file']).stem, one['file'])}:{one['line']}: {one['says']}"
        for one in ERROR.finditer(said)
    )
    if errors:
        return CompileError(f"the compiler refuses it: {errors[0]}", errors)
    lines = said.strip().splitlines()
    own = [line for line in lines if not line.startswith("make")]
    return RecordingError(f"the module is not built: {' | '.join((own or lines)[-TAIL:])}")


def build_guest() -> bytes:
    """Return the static program that plays the runs as the guest's init.

    MissingToolError without a C compiler; RecordingError where it cannot compile.
    """
    with as_file(DRIVER) as folder:
        return compile_static([folder / "guest" / "init.c"], "the guest's init", FLAGS)
