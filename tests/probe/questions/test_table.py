"""The tables of questions: what is expected of each kernel, and what this machine's answers."""

import json
import re
import subprocess
import sys

import pytest

from gmemviz.facts import release_numbers
from gmemviz.probe.fixture import Kernel
from gmemviz.probe.questions import GROUPS, cases
from gmemviz.probe.questions.table import _case

ALL = [case for group in GROUPS for case in cases(group)]
CASES = {case.name: case for case in ALL}

NEW = {"KVM_CAP_GUEST_MEMFD": 1, "KVM_CAP_GUEST_MEMFD_FLAGS": 3}
KERNELS = {
    "6.12": Kernel((6, 12, 117), {}),
    "6.15": Kernel((6, 15), {}),
    "6.18": Kernel((6, 18, 44), NEW),
    "7.1": Kernel((7, 1), NEW),
    "7.2": Kernel((7, 2), NEW),
    "7.3": Kernel((7, 3, 4), NEW),
    "private": Kernel((7, 3, 4), {**NEW, "KVM_CAP_MEMORY_ATTRIBUTES": 8}),
}
PLACE = re.compile(r"([\w/.-]+\.[ch]):(\w+)@v(6\.12|7\.3)|probed on 6\.18")


def expected(name, kernel):
    return CASES[name].expected(KERNELS[kernel])


def test_names_and_calls_are_unique():
    assert len({case.name for case in ALL}) == len(ALL) == 223
    assert len({case.call for case in ALL}) == len(ALL)


def test_every_expectation_names_its_place():
    for case in CASES.values():
        assert all(PLACE.fullmatch(place) for place in case.source.split("; ")), case.source


@pytest.mark.parametrize(
    ("name", "answers"),
    {
        "readahead": ("0", "0 EINVAL", "EINVAL", "EINVAL", "EINVAL", "EINVAL"),
        "mmap executable": ("ENODEV", "ENODEV EPERM", "EPERM", "EPERM", "EPERM", "EPERM"),
        "mmap shared": ("ENODEV",) * 6,
        "touch private": ("SIGBUS",) * 6,
        "policy set": ("2 ENOSYS EPERM",) * 6,
        "policy after remap": (*("0 ENOSYS EPERM",) * 3, *("2 ENOSYS EPERM",) * 3),
        "memslot good": ("EINVAL", "EINVAL", "0", "0", "0", "0"),
        "memslot ordinary": ("0",) * 6,
        "memslot legacy": ("EINVAL",) * 6,
        "memslot range taken": ("EINVAL", "EINVAL", "EINVAL", "EINVAL", "EEXIST", "EEXIST"),
        "memslot guest address taken": ("EINVAL", "EINVAL", "EEXIST", "EEXIST", "EEXIST", "EEXIST"),
        "memslot bad fd": ("EINVAL", "EINVAL", "EBADF", "EBADF", "EBADF", "EBADF"),
        "memslot offset passes 2^63": (
            "EINVAL", "EINVAL", "0 EINVAL", "0 EINVAL", "EINVAL", "EINVAL",
        ),
    }.items(),
)  # fmt: skip
def test_expectations_by_kernel(name, answers):
    kernels = list(KERNELS)[: len(answers)]
    assert [" ".join(expected(name, kernel)) for kernel in kernels] == list(answers)


# What a reader should know has changed; a row that begins or ceases to differ must say so here.
@pytest.mark.parametrize(
    ("before", "then", "changed"),
    [
        ("6.18", "7.1", {"policy after remap"}),
        (
            "7.1",
            "7.2",
            {
                "memslot offset passes 2^63",
                "memslot range taken",
                "memslot range taken in part",
            },
        ),
        ("7.2", "7.3", set()),
    ],
)
def test_what_changed_between_kernels(before, then, changed):
    assert {name for name in CASES if expected(name, before) != expected(name, then)} == changed


def test_a_vm_without_private_memory_took_no_guest_memfd_memslot_before():
    told = {name for name in CASES if name.startswith("memslot") and expected(name, "6.12")}
    refused = {name for name in told if expected(name, "6.12") == ("EINVAL",)}
    assert told - refused == {"memslot ordinary", "memslot NULL"}


def test_attributes_follow_the_capability():
    names = [name for name in CASES if name.startswith("attributes")]
    assert len(names) == 8
    for name in names:
        assert len(expected(name, "private")) == 1
        assert expected(name, "7.3")[0] == "ENOTTY"
    assert expected("attributes PRIVATE", "private") == ("0",)
    assert expected("attributes PRIVATE", "7.3") == ("ENOTTY", "EINVAL")
    assert expected("attributes none", "7.3") == ("ENOTTY", "0")


def row(*cells):
    return ["a name", "a call", "0", "fs/inode.c:evict@v7.3", *cells]


def test_a_row_takes_from_its_table_what_it_does_not_say_itself():
    table = {"file": "shared", "mapped": 0x4000, "note": "of all rows"}
    case = _case(row(["read", "address"]), table)
    assert (case.flags, case.mapped, case.note) == (3, 0x4000, "of all rows")
    assert (case.answers, case.steps) == ({"before": ("0",)}, (["read", "address"],))
    case = _case(row(["read", "address"], {"file": "mappable", "note": "its own"}), table)
    assert (case.flags, case.mapped, case.note) == (1, 0x4000, "its own")
    assert table["file"] == "shared"


def test_answers_are_one_several_or_by_release():
    assert _case(row(["watch", "file"]), {}).answers == {"before": ("0",)}
    several = ["a name", "a call", ["0", "EPERM"], "", ["watch", "file"]]
    assert _case(several, {}).answers == {"before": ("0", "EPERM")}
    by_release = ["a name", "a call", {"before": "0", "7.2": ["1", "2"]}, "", ["watch", "file"]]
    assert _case(by_release, {}).answers == {"before": ("0",), "7.2": ("1", "2")}


def test_a_table_that_says_what_no_case_has_is_refused():
    with pytest.raises(TypeError, match="mappd"):
        _case(row(["watch", "file"]), {"mappd": 0x4000})
    with pytest.raises(KeyError, match="shred"):
        _case(row(["watch", "file"]), {"file": "shred"})


def test_releases_stand_in_order():
    for case in ALL:
        assert list(case.answers) == sorted(case.answers, key=release_numbers)
        assert next(iter(case.answers)) == "before"


@pytest.mark.kernel_tree
def test_the_places_named_are_in_the_kernel(kernel_folder):
    numbers = re.findall(r"^(?:VERSION|PATCHLEVEL) = (\d+)", makefile(kernel_folder), re.MULTILINE)
    tree = ".".join(numbers)
    places = [PLACE.fullmatch(place) for case in ALL for place in case.source.split("; ")]
    named = {(place[1], place[2]) for place in places if place[3] == tree}
    assert named or tree not in ("6.12", "7.3")
    for path, function in named:
        text = (kernel_folder / path).read_text(encoding="utf-8", errors="replace")
        assert re.search(rf"\b{function}\b *[(,]|\({function},", text), f"{path}:{function}"


def makefile(folder):
    return (folder / "Makefile").read_text(encoding="utf-8")[:200]


# The process is its own, as in use: one thread, no fault handler, nothing of pytest's open.
ASK = """
import json, os
from gmemviz.probe.fixture import Bench
from gmemviz.probe.questions import GROUPS, ask, cases

def left():
    maps = [line.split() for line in open("/proc/self/maps")]
    files = sorted(" ".join(row) for row in maps if len(row) > 5 and not row[5].startswith("["))
    return sorted(os.listdir("/proc/self/fd")), files

def run():
    with Bench() as bench:
        kernel = bench.kernel
    return [seen for group in GROUPS for seen in ask(group, cases(group), kernel)]

first = run()
before = left()
again = run()
after = left()
try:
    children = os.waitpid(-1, os.WNOHANG)
except ChildProcessError:
    children = None
rows = [[seen.name, seen.got, seen.finding] for seen in again]
same = [seen.got for seen in first] == [seen.got for seen in again]
gmem = open("/proc/self/maps").read().count("kvm-gmem")
print(json.dumps([rows, same, before == after, children, gmem]))
"""


@pytest.fixture(scope="module")
def asked():
    command = [sys.executable, "-c", ASK]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.kvm
def test_this_kernel_answers_as_expected(asked):
    rows, same, *_ = asked
    assert [finding for _, _, finding in rows if finding] == []
    assert same
    assert [name for name, *_ in rows] == list(CASES)


@pytest.mark.kvm
def test_the_questions_leave_nothing(asked):
    *_, unchanged, children, gmem = asked
    assert unchanged
    assert children is None
    assert gmem == 0


@pytest.mark.kvm
def test_some_questions_are_answered_by_a_signal(asked):
    got = {name: answer for name, answer, _ in asked[0]}
    if not got["touch private"]:
        pytest.skip("this kernel's guest_memfd cannot be mapped")
    assert got["touch private"] == got["touch past the end"] == "SIGBUS"
    assert got["touch shared"] == got["touch a punched page"] == "0"
