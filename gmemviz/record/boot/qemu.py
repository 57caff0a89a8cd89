"""Boot a kernel in QEMU, take what its port says, and leave nothing running."""

import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Event
from typing import Final

from gmemviz.errors import MissingToolError, RecordingError
from gmemviz.processes import programs
from gmemviz.record.boot.channel import Channel, RefusedError

QEMU: Final = "qemu-system-x86_64"
ACCELERATORS: Final = ("tcg", "kvm")
"""TCG runs everywhere; KVM is faster where the machine's works for QEMU."""

# One CPU: more made kernels die early under TCG, and callbacks of one CPU keep their order.
# No KASLR and no debugfs: a recording of a VM would show the inodes of its statistics.
MACHINE: Final = ("-smp", "1", "-m", "1024", "-nodefaults", "-display", "none", "-no-reboot")
APPEND: Final = (
    "console=ttyS0 quiet panic=-1 oops=panic mitigations=off tsc=reliable no_timer_check nokaslr"
    " debugfs=off sysrq_always_enabled"
)
TAIL: Final = 5
PANIC: Final = "Kernel panic"
A_LOOK: Final = 0.5
TAIL_WIDTH: Final = 160


def need_qemu(what: str) -> None:
    """Raise MissingToolError where QEMU is not there that `what` needs."""
    if not shutil.which(QEMU):
        raise MissingToolError(
            f"{what} needs {QEMU}: apt-get install qemu-system-x86, or dnf install qemu-kvm"
        )


def boot(
    image: Path,
    initramfs: bytes,
    channel: Channel,
    *,
    accel: str,
    limit: float,
    append: str = APPEND,
    stop: Event | None = None,
) -> str:
    """Boot the image, and return the recording that comes over the channel until it is off.

    RecordingError where QEMU fails, `limit` seconds pass, `stop` is set or the channel ends early,
    with the console's last lines; RefusedError where the guest says why. However it ends, QEMU
    does too.
    """
    need_qemu("recording")
    with tempfile.TemporaryDirectory(prefix="gmemviz-") as scratch:
        folder = Path(scratch)
        (folder / "initramfs").write_bytes(initramfs)
        try:
            with running(_command(image, folder, accel, append), folder) as process:
                _pump(process, channel, limit, stop)
            return channel.recording()
        except RefusedError:
            raise  # its reason needs no console
        except RecordingError as error:
            console = [*_lines(folder / "errors"), *_lines(folder / "console")]
            raise RecordingError(with_tail(str(error), console)) from error


def _command(image: Path, folder: Path, accel: str, append: str) -> list[str]:
    return [
        QEMU, "-accel", accel, "-cpu", "max", *MACHINE,
        "-serial", f"file:{folder / 'console'}",
        "-device", "virtio-serial-pci",
        "-chardev", "file,id=port,path=/proc/self/fd/1",
        "-device", "virtserialport,chardev=port,name=gmemviz",
        "-kernel", str(image), "-initrd", str(folder / "initramfs"), "-append", append,
    ]  # fmt: skip


@contextmanager
def running(command: list[str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run QEMU for a while, what it says readable at `stdout`; at the end nothing of it is left.

    `folder` is what it works in, and gets its complaints as `errors`.
    """
    with (
        (folder / "errors").open("wb") as stderr,
        programs.running(command, scratch=folder, stderr=stderr) as process,
    ):
        yield process


def hear(
    process: subprocess.Popen[bytes], deadline: float, stop: Event | None = None
) -> bytes | None:
    """Return the next bytes that a guest says, b"" at its end, None where its time is up.

    RecordingError once `stop` is set.
    """
    assert process.stdout
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0:
            if stop and stop.is_set():
                raise RecordingError("the guest was stopped")
            if selector.select(min(left, A_LOOK)):
                return os.read(process.stdout.fileno(), 1 << 16)
    return None


def _pump(
    process: subprocess.Popen[bytes], channel: Channel, limit: float, stop: Event | None
) -> None:
    deadline = time.monotonic() + limit
    while data := hear(process, deadline, stop):
        channel.take(data)
    if data is None:
        raise RecordingError(f"the guest was not done in {limit:g} s")


def with_tail(reason: str, console: Sequence[str]) -> str:
    """Return the reason with a console's last lines, and with the panic that went before them."""
    cause = [line for line in console[:-TAIL] if PANIC in line][:1]
    tail = " | ".join(line[-TAIL_WIDTH:] for line in [*cause, *console[-TAIL:]])
    return f"{reason}; the console ends with: {tail}" if tail else reason


def _lines(file: Path) -> list[str]:
    with suppress(OSError):
        text = file.read_bytes().decode("utf-8", "replace")
        printable = ("".join(filter(str.isprintable, line)).strip() for line in text.splitlines())
        return [line for line in printable if line]
    return []
