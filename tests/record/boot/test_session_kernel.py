"""Real kernels in QEMU: what comes back, and that nothing stays behind."""

import os
import re
import signal
import subprocess
import sys

import pytest

from gmemviz.errors import RecordingError
from gmemviz.evidence import conform
from gmemviz.record import follow, parse
from gmemviz.record.boot.channel import RefusedError
from gmemviz.record.boot.kernel_images import find_kernel, kernels_folder
from gmemviz.record.boot.scenarios import SCENARIOS
from gmemviz.record.boot.session import record, run
from tests.record.boot.guests import running

pytestmark = [pytest.mark.qemu, pytest.mark.kernels]

KERNEL = "6.12"
HOOKS = {
    "memfd-policy": ["shmem_evict_inode", "shmem_destroy_inode", "shmem_free_in_core_inode"],
    "hugetlb": ["hugetlbfs_evict_inode", "hugetlbfs_destroy_inode", "hugetlbfs_free_inode"],
    "pipe": ["pipe_release", "free_inode_nonrcu"],
}
ENTERED = re.compile(
    r"^.* \|  \S..(?P<depth>\S)\. \|[^|]*\| +(?P<name>__fput|iput|evict|destroy_inode)\(\) \{$",
    re.MULTILINE,
)
RECORD = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
from gmemviz.record.boot.session import record
record("pipe", kernel=sys.argv[1], out=sys.argv[2], progress=lambda line: print(line, flush=True))
"""


@pytest.fixture(autouse=True)
def kernel():
    if not (kernels_folder() / KERNEL / "vmlinuz").is_file():
        pytest.skip(f"needs {kernels_folder() / KERNEL}: make kernels")
    return find_kernel(KERNEL)


@pytest.mark.parametrize("scenario", HOOKS)
def test_a_real_kernel_is_recorded_and_conforms(scenario, tmp_path):
    out = tmp_path / "recording.txt"
    for _ in range(3):  # an interrupt within the tracer itself can hide an entry
        said = []
        trace = record(scenario, kernel=KERNEL, out=out, progress=said.append)
        if not trace.missing:
            break
    assert trace.missing == ()
    assert conform(trace).verdict == "conforms"
    assert trace.kernel.startswith("6.12.")
    assert trace == parse(out.read_text(), title=trace.title)
    assert [line.split()[0] for line in said] == [
        "compiling", "booting", "booted", "tracing", "running", "reading"
    ]  # fmt: skip
    death = follow(trace)
    names = [event.function for event in death.events]
    assert [name for name in names if name in HOOKS[scenario]] == HOOKS[scenario]
    callbacks = [event.context for event in trace.events if event.function == "i_callback"]
    assert callbacks == ([] if scenario == "pipe" else ["B"])  # pipefs frees at once
    # A probe at a function's entry would add a level to what the graph shows of it.
    assert set(ENTERED.findall(out.read_text())) == {
        ("1", name) for name in ("__fput", "iput", "evict", "destroy_inode")
    }


def test_functions_of_an_unloaded_module_keep_their_names(tmp_path):
    if not (kernels_folder() / "7.3" / "vmlinuz").is_file():
        pytest.skip(f"needs {kernels_folder() / '7.3'}: make kernels")
    out = tmp_path / "recording.txt"
    trace = record("kvm-unload", kernel="7.3", out=out)
    text = out.read_text()
    noted = dict(re.findall(r"^# symbol (0x[0-9a-f]+) (\w+) \[kvm\]$", text, re.MULTILINE))
    assert len(noted) == text.count("# symbol")
    shown = re.findall(r" \|  +(0x[0-9a-f]+)\(\)", text)
    assert [noted.get(address) for address in shown] == [
        "kvm_gmem_exit", "kvm_gmem_destroy_inode", "kvm_gmem_free_inode",
    ]  # fmt: skip
    hooks = {e.hook: (e.function, e.context) for e in follow(trace).events if e.hook}
    assert hooks == {
        "destroy_inode": ("kvm_gmem_destroy_inode", "P"),
        "free_inode": ("kvm_gmem_free_inode", "B"),
    }


def test_what_a_kernel_does_not_offer_is_its_own_reason(tmp_path):
    with pytest.raises(RefusedError, match=r"guest_memfd \(KVM_CAP_GUEST_MEMFD\)\Z"):
        record("gmem", kernel=KERNEL, out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_a_guest_that_hangs_is_given_up(kernel, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(RecordingError, match="the guest was not done in 8 s"):
        run("test-hang", SCENARIOS["pipe"], kernel, limit=8)
    assert list(tmp_path.iterdir()) == running(str(tmp_path)) == []


def test_a_kernel_that_panics_is_told_with_its_console(kernel):
    with pytest.raises(
        RecordingError, match=r"before its recording was whole.*console.*Kernel panic"
    ):
        run("test-crash", SCENARIOS["pipe"], kernel, limit=60)


def test_an_image_that_only_begins_like_a_kernel_ends_in_a_sentence(kernel, tmp_path):
    file = tmp_path / "vmlinuz"
    file.write_bytes(kernel.image.read_bytes()[: 1 << 15])
    with pytest.raises(RecordingError) as error:
        record("pipe", kernel=file, limit=5)
    assert len(str(error.value).splitlines()) == 1


def test_an_interrupt_leaves_nothing(tmp_path):
    out = tmp_path / "out"
    env = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", RECORD, KERNEL, str(out)]
    with subprocess.Popen(
        command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        line = next(line for line in process.stdout if line.startswith("booted"))
        assert line.startswith("booted 6.12")
        assert len(running(f"{tmp_path}/gmemviz-")) == 1
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert "KeyboardInterrupt" in errors
    assert list(tmp_path.iterdir()) == running(f"{tmp_path}/gmemviz-") == []
