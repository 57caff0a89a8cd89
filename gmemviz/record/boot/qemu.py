"""Boot a kernel in QEMU, hear it to its end, and leave nothing running.

Recordings, confirmations and reports all come this way; what differs is the channel.
"""

import os
import re
import selectors
import shutil
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fcntl import F_SETPIPE_SZ, fcntl
from functools import cache
from pathlib import Path
from threading import Event
from typing import Final, Protocol, TypeVar

from gmemviz.errors import GmemvizError, MissingToolError, RecordingError
from gmemviz.processes import programs
from gmemviz.record.boot.channel import RefusedError
from gmemviz.record.boot.initramfs import archive
from gmemviz.record.boot.kernel_images import KernelImage

QEMU: Final = "qemu-system-x86_64"
AUTO: Final = "auto"
ACCELERATORS: Final = (AUTO, "tcg", "kvm")
"""TCG, which emulates, runs everywhere; KVM is faster where it boots the kernel: auto tries it."""

KVM: Final = Path("/dev/kvm")
CPUINFO: Final = Path("/proc/cpuinfo")
HARDWARE: Final = re.compile(r"^flags\b.* (?:svm|vmx)\b", re.MULTILINE)
"""What a processor says that can run guests; a /dev/kvm may be there without it."""

# Nested on an AMD machine KVM offers an MSR (0x10a, IA32_ARCH_CAPABILITIES) and refuses to set it;
# mitigations are off anyway, which it is about.
CPU: Final = {"tcg": "max", "kvm": "max,-arch-capabilities"}
# Where the hardware does not help, KVM emulates the guest's instructions, and knows few of them:
# not SHLX, with which the zstd of a kernel image unpacks. QEMU says so, stops and never ends.
STUCK: Final = b"KVM internal error"
TRIAL: Final = 10.0
"""Seconds that a kernel may take to boot under KVM; half of one is usual."""

# One CPU: more made kernels die early under TCG, and callbacks of one CPU keep their order.
# No KASLR and no debugfs: a recording of a VM would show the inodes of its statistics.
MACHINE: Final = ("-smp", "1", "-nodefaults", "-display", "none", "-no-reboot")
APPEND: Final = (
    "console=ttyS0 quiet panic=-1 oops=panic mitigations=off tsc=reliable no_timer_check nokaslr"
    " debugfs=off sysrq_always_enabled"
)
SILENT: Final = "said nothing: it does not boot, or has no console on a serial port"
TAIL: Final = 5
PANIC: Final = "Kernel panic"
A_LOOK: Final = 0.5
"""Seconds after which it is seen at the latest that a guest is to be stopped."""
TAIL_WIDTH: Final = 160
PIPE_BYTES: Final = 1 << 20
"""A guest that powers off does not wait until we have read what QEMU could not write, so there is
room for a whole recording: 60,000 bytes are usual, and the kernel's default is 65,536."""

Result_co = TypeVar("Result_co", covariant=True)
Result = TypeVar("Result")


class StoppedError(RecordingError):
    """Say that whoever asked for a guest has stopped it."""


class Channel(Protocol[Result_co]):
    """Say how a guest is connected, take what it says, and make of it what it comes to.

    `options` are QEMU's, in which {stdout} is what we hear and {folder} a scratch folder.
    `deadline` is when the guest must be off, in time.monotonic()'s seconds; it may move with
    what is heard.
    """

    options: tuple[str, ...]
    deadline: float

    def take(self, data: bytes) -> None:
        """Take the next bytes; RecordingError where they cannot be."""

    def console(self) -> Sequence[str]:
        """Return lines of the guest's console that came over the channel itself."""

    def result(self, *, is_late: bool) -> Result_co:
        """Return what came; RecordingError where that is too little."""


def need_qemu(what: str) -> None:
    """Raise MissingToolError where QEMU is not there that `what` needs."""
    if not shutil.which(QEMU):
        raise MissingToolError(
            f"{what} needs {QEMU}: apt-get install qemu-system-x86, or dnf install qemu-kvm"
        )


class _Trial:
    """Be the channel of a kernel that has no init: it has booted when it panics for want of it."""

    options: tuple[str, ...] = ("-m", "512", "-serial", "file:{stdout}")

    def __init__(self) -> None:
        self.deadline = time.monotonic() + TRIAL
        self._text = bytearray()

    def take(self, data: bytes) -> None:
        self._text += data

    def console(self) -> list[str]:
        return printable(bytes(self._text))

    def result(self, *, is_late: bool) -> None:
        if is_late or PANIC.encode() not in self._text:
            raise RecordingError("it has not booted")


@cache
def _boots_under_kvm(kernel: KernelImage) -> bool:
    try:
        boot(kernel, {}, _Trial(), accel="kvm")
    except GmemvizError:
        return False
    return True


def accelerator(asked: str, kernel: KernelImage, *, emulates: bool = False) -> str:
    """Return what a guest is to run with: what is asked for, or of AUTO kvm where that boots it.

    A guest that `emulates` needs TCG, which has a processor of AMD's with SVM on any machine, so
    that KVM of the guest's own can be loaded. Whether KVM works is tried once for a kernel, and
    not at all where the processor does not help: a trial that fails takes as long as TCG's boot.
    """
    if asked != AUTO:
        return asked
    is_offered = not emulates and os.access(KVM, os.R_OK | os.W_OK) and _has_hardware()
    return "kvm" if is_offered and _boots_under_kvm(kernel) else "tcg"


def _has_hardware() -> bool:
    return bool(HARDWARE.search(CPUINFO.read_text(encoding="ascii", errors="replace")))


def boot(
    kernel: KernelImage,
    contents: Mapping[str, bytes],
    channel: Channel[Result],
    *,
    append: str = APPEND,
    accel: str = "tcg",
    stop: Event | None = None,
) -> Result:
    """Boot a kernel with `contents` as its files, and return what came over the channel.

    `init` of the contents is its first process; when that powers off, or the kernel is lost, or
    the channel's deadline has passed, the guest has ended. RecordingError where QEMU fails or too
    little came, with the console's last lines; RefusedError where the guest says why;
    StoppedError once `stop` is set. However it ends, QEMU does too.
    """
    need_qemu("recording")
    with tempfile.TemporaryDirectory(prefix="gmemviz-") as scratch:
        folder = Path(scratch)
        initramfs = folder / "initramfs"
        initramfs.write_bytes(archive(contents))
        connected = [
            option.format(folder=folder, stdout="/proc/self/fd/1") for option in channel.options
        ]
        command = [
            QEMU, "-accel", accel, "-cpu", CPU[accel], *MACHINE, *connected,
            "-kernel", str(kernel.image), "-initrd", str(initramfs), "-append", append,
        ]  # fmt: skip
        try:
            is_late = _hear(command, folder, channel, stop)
            return channel.result(is_late=is_late)
        except (RefusedError, StoppedError):
            raise  # its reason needs no console
        except RecordingError as error:
            in_files = [*_lines_of(folder / "errors"), *_lines_of(folder / "console")]
            said = [*in_files, *channel.console()]
            why = str(error) if said else f"{error}; {kernel.image} {SILENT}"
            raise RecordingError(with_tail(why, said)) from error


def _hear(command: list[str], folder: Path, channel: Channel[object], stop: Event | None) -> bool:
    """Run QEMU until it ends or the channel's time is up; return whether that is so."""
    with (
        (folder / "errors").open("wb") as stderr,
        programs.running(command, scratch=folder, stderr=stderr) as process,
        selectors.DefaultSelector() as selector,
    ):
        assert process.stdout
        with suppress(OSError):  # the machine may not allow so much
            fcntl(process.stdout, F_SETPIPE_SZ, PIPE_BYTES)
        selector.register(process.stdout, selectors.EVENT_READ)
        while (left := channel.deadline - time.monotonic()) > 0:
            if stop and stop.is_set():
                raise StoppedError("the guest was stopped")
            if not selector.select(min(left, A_LOOK)):
                _refuse_stuck(folder / "errors")
            else:
                data = os.read(process.stdout.fileno(), 1 << 16)
                if not data:
                    return False
                channel.take(data)
    return True


def _refuse_stuck(errors: Path) -> None:
    if STUCK in errors.read_bytes():
        raise RecordingError(
            f"KVM of this machine cannot run the kernel ({STUCK.decode()}): say --accel tcg"
        )


def with_tail(reason: str, console: Sequence[str]) -> str:
    """Return the reason with a console's last lines, and with the panic that went before them."""
    cause = [line for line in console[:-TAIL] if PANIC in line][:1]
    tail = " | ".join(line[-TAIL_WIDTH:].strip() for line in [*cause, *console[-TAIL:]])
    return f"{reason}; the console ends with: {tail}" if tail else reason


def printable(text: bytes) -> list[str]:
    """Return the lines that hold more than blanks, without what no terminal should see."""
    lines = text.decode("utf-8", "replace").splitlines()
    plain = ("".join(filter(str.isprintable, line)).rstrip() for line in lines)
    return [line for line in plain if line]


def _lines_of(file: Path) -> list[str]:
    return printable(file.read_bytes()) if file.is_file() else []
