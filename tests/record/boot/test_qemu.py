"""One way to boot: what comes over the channel comes back, and how it fails is said; QEMU is made up."""

import sys
import threading
import time
from pathlib import Path

import pytest

from gmemviz.errors import MissingToolError, RecordingError
from gmemviz.record.boot import qemu as place
from gmemviz.record.boot.channel import Port, RefusedError
from gmemviz.record.boot.judge import Console
from gmemviz.record.boot.kernel_images import KernelImage
from gmemviz.record.boot.qemu import StoppedError, accelerator, boot, printable, with_tail
from tests.record.boot.guests import running

KERNEL = KernelImage(Path("/no/vmlinuz"), None, "7.3.4")
BEFORE = """#!{python} -S
import os, sys, time
words = sys.argv[1:]
serial = words[words.index("-serial") + 1].removeprefix("file:")
initramfs = words[words.index("-initrd") + 1]
"""


@pytest.fixture
def qemu(tmp_path, monkeypatch):
    """Give a function that sets the text of a program that is found as QEMU."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "scratch").mkdir()
    program = tmp_path / "bin" / "qemu-system-x86_64"
    monkeypatch.setenv("PATH", str(tmp_path / "bin"), prepend=":")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "scratch"))

    def written(text):
        program.write_text(BEFORE.format(python=sys.executable) + text)
        program.chmod(0o755)

    yield written
    assert list((tmp_path / "scratch").iterdir()) == running(str(program)) == []


def test_a_recording_is_what_came_over_the_port(qemu):
    qemu("print('booted 7.3')\nprint('trace 2 ' + format(__import__('zlib').crc32(b'ab'), 'x'))\n"
         "sys.stdout.write('abend\\n')\n")  # fmt: skip
    said = []
    assert boot(KERNEL, {"init": b""}, Port(said.append, limit=20)) == "ab"
    assert said == ["booted 7.3"]


def test_the_guest_gets_its_files_and_the_kernel_its_command_line(qemu):
    qemu("import re\n"
         "print('gmemviz: begin a')\n"
         "print(re.findall(rb'job/\\w+', open(initramfs, 'rb').read()))\n"
         "print(words[words.index('-append') + 1:], words[words.index('-accel') + 1])\n"
         "print(words[words.index('-kernel') + 1], words[words.index('-m') + 1])\n"
         "print('gmemviz: end a')\n")  # fmt: skip
    said = boot(KERNEL, {"job/runs": b"a"}, Console(20), append="console=x y", accel="kvm")
    assert said == {"a": ("[b'job/runs']", "['console=x y'] kvm", "/no/vmlinuz 512")}


def test_what_fails_is_told_with_qemus_words_and_the_consoles(qemu):
    qemu("open(serial, 'w').write('Kernel panic - not\\n' + '1\\n2\\n3\\n  4\\n')\n"
         "sys.exit('no such machine')\n")  # fmt: skip
    with pytest.raises(RecordingError) as error:
        boot(KERNEL, {}, Port(limit=20))
    assert str(error.value) == (
        "the guest ended before its recording was whole (none of it); "
        "the console ends with: Kernel panic - not | 1 | 2 | 3 | 4"
    )


def test_a_console_that_says_nothing_leaves_qemus_own_words(qemu):
    qemu("sys.exit('no such machine')\n")
    with pytest.raises(RecordingError, match=r"the guest played no run; .*: no such machine"):
        boot(KERNEL, {}, Console(20))


def test_a_refusal_needs_no_console(qemu):
    qemu("open(serial, 'w').write('words')\nprint('refused no such call', flush=True)\n"
         "time.sleep(7010)\n")  # fmt: skip
    with pytest.raises(RefusedError, match=r"\Ano such call\Z"):
        boot(KERNEL, {}, Port(limit=20))


def test_a_guest_without_end_is_ended(qemu):
    qemu("print('one', flush=True)\ntime.sleep(7011)\n")
    began = time.monotonic()
    with pytest.raises(RecordingError, match="no run began in 2 s; the console ends with: one"):
        boot(KERNEL, {}, Console(2))
    assert time.monotonic() - began < 20


def test_a_guest_can_be_stopped_from_another_thread(qemu):
    qemu("time.sleep(7012)\n")
    stop = threading.Event()
    threading.Timer(0.3, stop.set).start()
    with pytest.raises(StoppedError, match=r"\Athe guest was stopped\Z"):
        boot(KERNEL, {}, Console(60), stop=stop)


def test_without_qemu_one_sentence_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(MissingToolError, match=r"^recording needs .*install qemu-system-x86"):
        boot(KERNEL, {}, Port(limit=1))


def test_a_panic_is_quoted_also_where_much_came_behind_it():
    console = ["a", "Kernel panic - x", *"123456"]
    assert with_tail("lost", console) == (
        "lost; the console ends with: Kernel panic - x | 2 | 3 | 4 | 5 | 6"
    )
    assert with_tail("lost", []) == "lost"


def test_lines_are_printable_and_hold_something():
    assert printable(b"\x1b[1m a\tb \r\n \n\xff\n") == ["[1m ab", "\ufffd"]


@pytest.fixture
def processor(tmp_path, monkeypatch):
    """Give a function that says what the processor can, and that /dev/kvm is there."""
    (tmp_path / "kvm").touch()
    monkeypatch.setattr(place, "KVM", tmp_path / "kvm")
    monkeypatch.setattr(place, "CPUINFO", tmp_path / "cpuinfo")
    place._boots_under_kvm.cache_clear()
    yield lambda flags: (tmp_path / "cpuinfo").write_text(f"processor : 0\nflags : {flags}\n")
    place._boots_under_kvm.cache_clear()


BOOTS = "print(words[words.index('-accel') + 1], 'Kernel panic - not syncing: no init')\n"


@pytest.mark.parametrize("flag", ["svm", "vmx"])
def test_kvm_is_taken_where_it_boots_the_kernel(qemu, processor, flag):
    processor(f"fpu {flag} sse")
    qemu(BOOTS)
    assert accelerator("auto", KERNEL) == "kvm"
    qemu("sys.exit('it is tried once for a kernel')")
    assert accelerator("auto", KERNEL) == "kvm"
    assert accelerator("auto", KERNEL._replace(release="7.3.5")) == "tcg"


@pytest.mark.parametrize(
    "text",
    ["sys.exit('failed to set MSR 0x10a')\n",
     "print('booted without an end')\n",
     "sys.stderr.write('KVM internal error. Suberror: 1\\n'); sys.stderr.flush(); time.sleep(60)\n"],
)  # fmt: skip
def test_where_kvm_does_not_boot_it_tcg_is_taken(qemu, processor, text):
    processor("fpu svm")
    qemu(text)
    began = time.monotonic()
    assert accelerator("auto", KERNEL) == "tcg"
    assert time.monotonic() - began < place.TRIAL - 2  # a guest that is stuck is not waited for


def test_kvm_is_not_even_tried_where_it_cannot_be(qemu, processor, monkeypatch):
    qemu(BOOTS)
    processor("fpu svm")
    assert accelerator("auto", KERNEL, emulates=True) == "tcg"
    processor("fpu svm_lock vmxx")
    assert accelerator("auto", KERNEL) == "tcg"
    processor("fpu svm")
    monkeypatch.setattr(place, "KVM", Path("/no/kvm"))
    assert accelerator("auto", KERNEL) == "tcg"
    assert [accelerator(asked, KERNEL) for asked in ("tcg", "kvm")] == ["tcg", "kvm"]


def test_a_guest_that_kvm_cannot_run_ends_in_a_sentence(qemu):
    qemu(
        "sys.stderr.write('KVM internal error. Suberror: 1\\n'); sys.stderr.flush(); time.sleep(60)\n"
    )
    with pytest.raises(RecordingError, match=r"KVM of this machine cannot run .* say --accel tcg"):
        boot(KERNEL, {}, Console(20), accel="kvm")


@pytest.mark.parametrize(("accel", "cpu"), [("tcg", "max"), ("kvm", "max,-arch-capabilities")])
def test_the_processor_is_the_accelerators(qemu, accel, cpu):
    qemu(
        "print('gmemviz: begin a')\nprint(words[words.index('-cpu') + 1])\nprint('gmemviz: end a')\n"
    )
    assert boot(KERNEL, {}, Console(20), accel=accel) == {"a": (cpu,)}


def test_an_image_that_says_nothing_is_named(qemu):
    qemu("sys.exit(0)\n")
    with pytest.raises(RecordingError, match=r"; /no/vmlinuz said nothing: it does not boot, or"):
        boot(KERNEL, {}, Port(limit=20))
