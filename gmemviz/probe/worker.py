"""Ask everything, in a process of its own: one JSON object a line on standard output.

`gmemviz.probe.run` starts it. Only here is the kernel asked anything that could go wrong: what
this process still holds when it ends, or is killed, the kernel takes back.
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
from gmemviz.probe.experiments import perform
from gmemviz.probe.fixture import Bench
from gmemviz.probe.questions import GROUPS, ask, cases, compared, identified
from gmemviz.probe.system import answer
from gmemviz.processes import die_with_parent

# The first kernel that has guest_memfd (virt/kvm/guest_memfd.c).
FIRST: Final = "6.8"

# It has been that since 2.6.22, and will not change (include/uapi/linux/kvm.h@v7.3).
API_VERSION: Final = ("12",)

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
    yield from compared()
    try:
        with Bench() as bench:
            yield from _capabilities(bench)
            refused = answer(lambda: bench.close(bench.create(PAGE)))
            if refused != "0":
                yield (
                    f"This kernel makes no guest_memfd (KVM_CREATE_GUEST_MEMFD gave {refused}): "
                    f"Linux has it since {FIRST}, where KVM is built with it."
                )
                return
            yield from identified(bench)
    except ProbeError as error:
        why = str(error)
        yield f"{why[0].upper()}{why[1:]}."
        return
    for group in GROUPS:
        yield from ask(group, cases(group), bench.kernel)


def _capabilities(bench: Bench) -> Iterator[Observation]:
    version = answer(lambda: fcntl.ioctl(bench.device, IOCTLS["KVM_GET_API_VERSION"], 0))
    yield Observation("capability", "API version", "KVM_GET_API_VERSION", version, API_VERSION, API)
    for place, fd in (("/dev/kvm", bench.device), ("a VM", bench.vm)):
        # A VM may have less than /dev/kvm promises: it depends on its type.
        for name, value in bench.capabilities(fd).items():
            call = f"KVM_CHECK_EXTENSION on {place}"
            yield Observation("capability", f"{name} on {place}", call, str(value), source=API)
