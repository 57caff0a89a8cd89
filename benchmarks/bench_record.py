"""Record a scenario, against booting the same kernel to its init and powering off.

Both in turn, in the same run, with the same machine: python -m benchmarks bench_record.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from gmemviz.errors import RecordingError
from gmemviz.facts import judge_kernel
from gmemviz.record.boot.channel import Port
from gmemviz.record.boot.kernel_images import find_kernel
from gmemviz.record.boot.qemu import boot
from gmemviz.record.boot.session import record

KERNEL, SCENARIO, TIMES, TARGET = judge_kernel(), "memfd-policy", 5, 1.5
INIT = """
#include <sys/reboot.h>
int main(void) { return reboot(RB_POWER_OFF); }
"""


def powering_off() -> bytes:
    """Return a static init that powers off at once."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder) / "init.c", Path(folder) / "init"
        source.write_text(INIT, encoding="utf-8")
        subprocess.run(["gcc", "-static", "-O2", "-o", program, source], check=True)
        return program.read_bytes()


def timed(run: Callable[[], object]) -> float:
    """Return the seconds that a run takes."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def main() -> int:
    """Print the medians and their ratio; return 1 if it is above the target."""
    kernel = find_kernel(KERNEL)
    contents = {"init": powering_off()}

    def bare() -> None:
        with suppress(RecordingError):  # this guest has nothing to say
            boot(kernel, contents, Port(limit=60))

    boots, recordings = [], []
    for _ in range(TIMES):
        boots.append(timed(bare))
        recordings.append(timed(lambda: record(SCENARIO, kernel=KERNEL)))
    ratio = statistics.median(recordings) / statistics.median(boots)
    print(f"{kernel.release}, {TIMES} times each, medians")
    print(f"boot and power off   {statistics.median(boots):6.2f} s")
    print(f"record {SCENARIO}  {statistics.median(recordings):6.2f} s")
    print(f"ratio                {ratio:6.2f}   (target: at most {TARGET})")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main())
