"""Steps: what their words stand for, and that each of the tables' is known."""

import inspect
import os
from pathlib import Path

import pytest

from gmemviz.probe import system
from gmemviz.probe.abi import IOCTLS
from gmemviz.probe.questions import GROUPS, cases, verbs
from gmemviz.probe.questions.steps import MODULES, SIZE, Things, take
from tests.probe.alone import alone
from tests.probe.benches import FakeBench, open_fds

STEPS = [(case.name, step) for group in GROUPS for case in cases(group) for step in case.steps]
NO_WORDS = {"st_size", "st_mode", "st_nlink", "st_blksize", "st_blocks", "user.gmemviz"}
OF_A_BENCH = {"bind", "close", "pages", "vm", "device"}
MADE = {name for name in vars(Things) if not name.startswith("_")} - {"function", "meaning"}
PLACES = {"address", "past_end", "last_byte"}


@pytest.fixture
def bench():
    with FakeBench() as bench:
        yield bench


def known(word):
    place, _, name = word.rpartition(".")
    if place == "bench":
        return name in OF_A_BENCH
    if place in MODULES:
        return hasattr(MODULES[place], name)
    return word in MADE | PLACES | NO_WORDS | set(IOCTLS)


# A misspelt word would be asked as a text.
def test_every_word_of_the_tables_is_known():
    unknown = []
    for name, (function, *words) in STEPS:
        is_known = known(function) if "." in function else inspect.isfunction(vars(verbs)[function])
        unknown += [] if is_known else [(name, function)]
        unknown += [(name, word) for word in words if isinstance(word, str) and not known(word)]
    assert unknown == []


def test_every_word_and_verb_is_used():
    words = {word for _, step in STEPS for word in step if isinstance(word, str)}
    assert MADE - words == {"pipe"}
    own = {
        name
        for name, function in inspect.getmembers(verbs, inspect.isfunction)
        if function.__module__ == verbs.__name__ and not name.startswith("_")
    }
    assert own - words == set()


def test_the_last_step_is_the_answer_and_words_are_made_once(bench):
    steps = [
        ["os.write", "writer", "byte"],
        ["os.write", "writer", "byte"],
        ["os.read", "reader", 9],
    ]
    assert take(bench, steps) == b".."


def test_a_table_at_the_end_is_keyword_arguments(bench):
    assert take(bench, [["map_file", "memfd", SIZE]]) is None
    with pytest.raises(OSError, match="Invalid argument"):  # neither shared nor private
        take(bench, [["map_file", "memfd", SIZE, {"flags": 0}]])


def test_a_refused_step_ends_it(bench):
    with pytest.raises(OSError, match="Illegal seek"):
        take(bench, [["os.lseek", "reader", 0, "os.SEEK_END"], ["bench.close", "file"]])


CLOSED = """
result = []
for word in ("address", "last_byte", "past_end"):
    with FakeBench() as bench:
        result.append(take(bench, [["bench.close", "file"], ["read", word]], mapped=16384))
"""


def test_a_mapped_file_stays_when_a_step_has_closed_it():
    assert alone(CLOSED) == ["0", "0", "SIGBUS"]


def test_words_stand_for_files_of_each_kind(bench):
    things = Things(bench, 0, 0)
    assert os.fstat(things.meaning("file")).st_size == SIZE
    assert things.meaning("other_file") != things.meaning("file")
    link = Path(f"/proc/self/fd/{things.meaning('eventfd')}").readlink()
    assert "eventfd" in str(link)
    path = things.meaning("path")
    assert os.path.sameopenfile(path, things.file)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.read(path, 1)
    assert things.meaning("bench.vm") == bench.vm
    assert things.meaning("KVM_CREATE_VM") == IOCTLS["KVM_CREATE_VM"]
    assert things.meaning("os.O_PATH") == os.O_PATH
    assert things.meaning("system.fallocate") is system.fallocate
    assert things.meaning("user.gmemviz") == "user.gmemviz"
    assert things.meaning(7) == 7


def test_the_bench_closes_what_was_made():
    before = open_fds()
    with FakeBench() as bench:
        things = Things(bench, 0, SIZE)
        for word in ("file", "other_file", "path", "memfd", "eventfd", "reader", "writer"):
            things.meaning(word)
    assert open_fds() == before
