"""Start the questions in a process of their own, and take what it found, in whatever outcome."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from gmemviz.errors import choice, seconds
from gmemviz.facts import Experiment, Observation, ProbeReport, release_numbers
from gmemviz.shown import Several

# Seconds that a whole run may take; it needs well under one.
TIME_LIMIT: Final = 10.0

NOT_LINUX: Final = "This is not Linux, so there is no KVM to ask."
DATA: Final = files("gmemviz.probe") / "data"
PACKAGE_PARENT: Final = str(Path(str(files("gmemviz"))).parent)
START: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from gmemviz.probe.worker import main; main(int(sys.argv[2]), sys.argv[3])"
)


def ask_kernel(*, time_limit: float = TIME_LIMIT) -> ProbeReport:
    """Ask the running kernel everything that gmemviz knows to ask; return what it said.

    Never raises for what the kernel or the machine lacks: `missing` says that. All of it happens
    in one child process, so nothing that goes wrong there can harm the caller or leave anything
    behind. Nothing is changed and no privileges are needed, but to open /dev/kvm.
    """
    seconds("time_limit", time_limit)
    rows: list[Observation] = []
    missing: list[str] = []
    for line in _lines("report", time_limit):
        if "seen" in line:
            rows.append(Observation.from_plain(line["seen"]))
        elif "missing" in line:
            missing.append(line["missing"])
    release, machine = platform.release(), platform.machine()
    return ProbeReport(release, machine, "probed", tuple(rows), tuple(missing))


def perform(name: str, *, time_limit: float = TIME_LIMIT) -> Experiment:
    """Perform one of `experiments()` on the running kernel; return what it measured.

    It runs in a child process, which takes everything with it when it ends. Where it cannot be
    run, `holds` is None and `finding` says why. UnknownNameError names the experiments.
    """
    choice("experiment", name, experiments())
    seconds("time_limit", time_limit)
    lines = list(_lines(name, time_limit))
    for line in lines:
        if "performed" in line:
            return Experiment.from_plain(line["performed"])
    return Experiment(name, "", None, " ".join(line["missing"] for line in lines))


def experiments() -> tuple[str, ...]:
    """Return the names of the experiments; none where this is not Linux."""
    if sys.platform != "linux":
        return Several()
    from gmemviz.probe.experiments import NAMES

    return Several(NAMES)


def reports() -> tuple[str, ...]:
    """Return the names of the reports that come with gmemviz: kernels, oldest first."""
    names = (entry.name.removesuffix(".json") for entry in DATA.iterdir())
    return Several(sorted(names, key=release_numbers))


def load_report(name: str) -> ProbeReport:
    """Return one of `reports()`: what a real kernel said once, and so `recorded`."""
    file = DATA / f"{choice('report', name, reports())}.json"
    return ProbeReport.from_json(file.read_text(encoding="utf-8"))


def ask_or_load(name: str = "") -> ProbeReport:
    """Return what this machine's kernel says of guest_memfd, or else a recorded report.

    `name` is one of `reports()`, the newest if none is given. Its `missing` begins with what this
    machine lacks.
    """
    recorded = load_report(name or reports()[-1])  # or refuse, before anything is asked
    here = ask_kernel()
    if here.value("mount"):
        return here
    said = f"So this was recorded, on {recorded.kernel}."
    return replace(recorded, missing=(*here.missing, said, *recorded.missing))


# What the child wrote, line by line, and a last one if it came to no proper end.
def _lines(task: str, time_limit: float) -> Iterator[dict[str, Any]]:
    if sys.platform != "linux":
        yield {"missing": NOT_LINUX}
        return
    text, why = _run([PACKAGE_PARENT, str(os.getpid()), task], time_limit)
    last = "the start"
    for line in text.splitlines():
        try:
            found = json.loads(line)
        except ValueError:  # cut off as the child was killed
            break
        if found.get("done") == task:
            return
        last = found.get("seen", {}).get("name", last)
        yield found
    yield {"missing": f"The probe ended early, after {last!r}: {why}."}


def _run(arguments: list[str], time_limit: float) -> tuple[str, str]:
    # -I: what the user's environment or folder holds is not the package.
    command = [sys.executable, "-I", "-c", START, *arguments]
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            process_group=0,
        )  # fmt: skip
    except OSError as error:
        return "", f"no process could be started ({error.strerror})"
    try:
        text, said = process.communicate(timeout=time_limit)
    except subprocess.TimeoutExpired:
        process.kill()
        text, _ = process.communicate()
        return text.decode(), f"it took longer than {time_limit:g} seconds"
    finally:
        _end(process)  # `with` would not wait for it after a KeyboardInterrupt
    if process.returncode < 0:
        return text.decode(), f"it was killed by signal {-process.returncode}"
    last = said.decode(errors="replace").strip().splitlines()[-1:]
    return text.decode(), "".join(last) or "it said nothing"


# Its own children die with it.
def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe:
            pipe.close()
