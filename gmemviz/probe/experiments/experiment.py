"""Perform one live experiment: set up, read between the steps, clean up, judge by the readings.

To be run in a process of its own, with one thread (`gmemviz.probe.worker`).
"""

import errno
from typing import Final

from gmemviz.errors import ProbeError
from gmemviz.facts import Experiment
from gmemviz.probe.experiments.log import Log, Reader, Trial, read_text

NAMES: Final = (
    "close", "o-path", "inotify", "mapping", "vmsplice", "vm-first", "destroy-and-free", "slab",
)  # fmt: skip


def perform(name: str, reader: Reader = read_text) -> Experiment:
    """Perform one of NAMES; return what was read.

    What the machine lacks is no exception: `holds` is then None, and `finding` says what it is.
    """
    log, trial = Log(reader), trials()[name]
    try:
        holds, finding = trial.run(log)
    except ProbeError as error:
        holds, finding = None, f"This could not be tried: {error}."
    except OSError as error:
        holds, finding = None, f"This could not be tried: {_words(error, log)}."
    return Experiment(name, trial.claim, holds, finding, tuple(log.rows))


def _words(error: OSError, log: Log) -> str:
    code = errno.errorcode.get(error.errno or 0, str(error.errno))
    what = f"{error.filename} gave {code}" if error.filename else f"the kernel answered {code}"
    after = f", after {log.step!r}" if log.step else ""
    return f"{what} ({error.strerror}{after})"


def trials() -> dict[str, Trial]:
    """Return every trial by its name; a report, which needs none, does not pay for the import."""
    from gmemviz.probe.experiments.freed import FREED
    from gmemviz.probe.experiments.kept import KEPT

    return {**KEPT, **FREED}
