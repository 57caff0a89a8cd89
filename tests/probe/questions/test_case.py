"""One question: what is expected of which kernel, and when it is not asked at all."""

import pytest

from gmemviz.probe.fixture import Kernel
from gmemviz.probe.questions import case as case_module
from gmemviz.probe.questions.case import Case, ask
from tests.probe.benches import FakeBench

BY_RELEASE = {"before": ("0",), "6.13": ("0", "EINVAL"), "6.18": ("EINVAL",)}
STAT = (["stat", "file", "st_size"],)


@pytest.mark.parametrize(
    ("version", "answers"),
    [
        ((), ("0",)),
        ((6, 12, 117), ("0",)),
        ((6, 13), ("0", "EINVAL")),
        ((6, 17, 9), ("0", "EINVAL")),
        ((6, 18), ("EINVAL",)),
        ((7, 3, 4), ("EINVAL",)),
    ],
)
def test_the_newest_release_that_the_kernel_has_decides(version, answers):
    case = Case("n", "c", BY_RELEASE, "", STAT)
    assert case.expected(Kernel(version, {})) == answers


@pytest.mark.parametrize(
    ("value", "answers"), [(None, ("ENOTTY",)), (0, ("ENOTTY",)), (1, ("ENOTTY",)), (3, ("0",))]
)
def test_a_capability_without_all_bits_has_other_answers(value, answers):
    case = Case(
        "n", "c", {"before": ("0",)}, "", STAT, capability="KVM_CAP_VM_TYPES", bits=2,
        without=("ENOTTY",),
    )  # fmt: skip
    has = {} if value is None else {"KVM_CAP_VM_TYPES": value}
    assert case.expected(Kernel((7, 3), has)) == answers


def test_each_question_has_a_bench_of_its_own(monkeypatch):
    made = []
    monkeypatch.setattr(case_module, "Bench", lambda _kernel: made.append(FakeBench()) or made[-1])
    cases = [
        Case("size", "st_size", {"before": ("8192",)}, "fs/a.c:b@v7.3", STAT, note="in bytes"),
        Case("odd", "an odd call", {"before": ("0",)}, "", (["os.pread", 10**6, 1, 0],)),
    ]
    size, odd = ask("file", cases, Kernel((7, 3), {}))
    assert (size.group, size.name, size.call, size.got) == ("file", "size", "st_size", "8192")
    assert (size.expected, size.source, size.note) == (("8192",), "fs/a.c:b@v7.3", "in bytes")
    assert odd.finding == "an odd call gave EBADF, where 0 was expected ()."
    assert len({id(bench) for bench in made}) == 2


def test_a_question_whose_flags_the_vm_lacks_is_not_asked(monkeypatch):
    monkeypatch.setattr(case_module, "Bench", None)  # it would be a TypeError
    case = Case("n", "c", {"before": ("0",)}, "fs/a.c:b@v7.3", STAT, flags=3)
    (seen,) = ask("memory", [case], Kernel((6, 18), {"KVM_CAP_GUEST_MEMFD_FLAGS": 1}))
    assert (seen.got, seen.expected, seen.agrees) == ("", (), None)
    assert seen.note == "not asked: the VM takes the flags 0x1 only"
