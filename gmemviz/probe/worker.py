"""Ask everything, in a process of its own: one JSON object a line on standard output.

`gmemviz.probe.run` starts it. Only here is the kernel asked anything that could go wrong.
"""

import fcntl
import json
import resource
import sys
from collections.abc import Iterator
from dataclasses import asdict
from typing import Final

from gmemviz.errors import ProbeError
from gmemviz.facts import Observation
from gmemviz.probe.abi import IOCTLS, PAGE
from gmemviz.probe.case import always, ask
from gmemviz.probe.experiments import perform
from gmemviz.probe.fixture import Bench
from gmemviz.probe.questions import create, file_calls, file_memory, identity, memslots
from gmemviz.probe.system import answer
from gmemviz.processes import die_with_parent

TABLES: Final = {
    "create": create.cases,
    "file": file_calls.cases,
    "memory": file_memory.cases,
    "memslot": memslots.cases,
}
FIRST: Final = "6.8"
API: Final = "virt/kvm/kvm_main.c:kvm_dev_ioctl@v7.3"


def main(parent: int, task: str) -> None:
    """Run `task` for the process `parent`: "report", or the name of an experiment."""
    die_with_parent(parent)
    _dump_no_core()
    if task == "report":
        for seen in report():
            _say({"missing": seen} if isinstance(seen, str) else {"seen": asdict(seen)})
    else:
        _say({"performed": asdict(perform(task))})
    _say({"done": task})


# A SIGBUS here is an answer, not a crash to be collected. A limit of 1 byte also keeps the
# kernel from starting a collector, which 0 does not (fs/coredump.c:do_coredump@v6.12).
def _dump_no_core() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_CORE)
    limit = 0 if hard == 0 else 1
    resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))


def _say(line: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()  # what was found stays found, should the next question kill us


def report() -> Iterator[Observation | str]:
    """Ask everything; yield what was seen, and a sentence for what could not be asked."""
    yield from identity.compared()
    try:
        with Bench() as bench:
            kernel = bench.kernel
            yield from _capabilities(bench)
            absent = _absent(bench)
            if not absent:
                yield from identity.identified(bench)
    except ProbeError as error:
        said = str(error)
        yield f"{said[0].upper()}{said[1:]}."
        return
    if absent:
        yield absent
        return
    for group, cases in TABLES.items():
        yield from ask(group, cases(), kernel)


def _capabilities(bench: Bench) -> Iterator[Observation]:
    versions = always("12")(bench.kernel)
    asked = answer(lambda: fcntl.ioctl(bench.device, IOCTLS["KVM_GET_API_VERSION"], 0))
    yield Observation("capability", "API version", "KVM_GET_API_VERSION", asked, versions, API)
    for place, fd in (("/dev/kvm", bench.device), ("a VM", bench.vm)):
        for name, value in bench.capabilities(fd).items():
            call = f"KVM_CHECK_EXTENSION on {place}"
            yield Observation("capability", f"{name} on {place}", call, str(value), source=API)


# A kernel older than FIRST, or one whose KVM is built without it.
def _absent(bench: Bench) -> str:
    got = answer(lambda: bench.close(bench.create(PAGE)))
    return "" if got == "0" else (
        f"This kernel makes no guest_memfd (KVM_CREATE_GUEST_MEMFD gave {got}): Linux has it "
        f"since {FIRST}, where KVM is built with it."
    )  # fmt: skip
