"""The share string: it says choices by name, and every one of ours is read back as it was."""

import re
from itertools import product

import pytest

from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, SCENARIOS, check
from gmemviz.study import designs, gallery
from gmemviz.study.state import SHORTEST, TO, State, replay, runs

CELLS = list(product(kernels(), MOUNTS, PLACEMENTS, CLEANUPS, METADATA))
SAMPLE = CELLS[::97]
START = ("7.3", "own", "containing-struct", "free-all", "resv_map")


@pytest.mark.parametrize("of", [*SAMPLE, *((name,) for name in designs()[::3])], ids="/".join)
def test_every_state_comes_back_as_it_was(of):
    report = check(State(of).design)
    for run in runs(report) if report.applicable else ():
        last = len(State(of, run).within(report)[1])
        for step in (None, 1, last):
            state = State(of, run, step)
            read = State.parse(str(state))
            assert read == State.parse(f"#{state}") == state
            assert read.design == report.design
            assert len(read.within(report)[1]) == last


def test_the_sample_has_all_sorts_of_runs():
    found = [runs(check(State(of).design)) for of in SAMPLE]
    assert {word for words in found for word in words} > {SHORTEST, "last-close", "to-leak"}


def test_words_are_safe_in_an_address_and_mean_one_thing():
    words = {*designs(), *SCENARIOS, SHORTEST, *(word for cell in CELLS for word in cell)}
    assert all(re.fullmatch(r"[A-Za-z0-9._+-]+", word) for word in words)
    assert not any(name[0].isdigit() for name in designs())
    assert all(name[0].isdigit() for name in kernels())
    assert not any(name.startswith(TO) or name == SHORTEST for name in SCENARIOS)


def test_what_a_link_does_to_it_does_no_harm():
    state = State(("7.3", "own", "containing-struct", "destroy+free", "flags"), "last-close", 3)
    for text in (str(state).replace("+", "%2B"), str(state).replace("+", " "), f" #{state}/ "):
        assert State.parse(text) == state
    assert State.parse("guest_memfd-7.3/5") == State(("guest_memfd-7.3",), SHORTEST, 5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "unknown design: ''"),
        (
            "guest_memfd-9/last-close",
            "unknown design: 'guest_memfd-9' (must be one of guest_memfd-",
        ),
        ("#toml=TZDB", "the site's playground alone opens toml=...; here --design FILE asks"),
        ("fs=7.3/ext4", "the site's playground alone opens fs=...; here `gmemviz check NAME"),
        ("9.1/own/i_private/none/flags", "unknown kernel: '9.1' (must be one of 6.12, 7.3)"),
        ("7.3/their/i_private/none/flags", "unknown mount: 'their' (must be one of own"),
        ("7.3/own/i_privat/none/flags", "unknown placement: 'i_privat' (must be one of"),
        ("7.3/own/i_private/nil/flags", "unknown cleanup: 'nil' (must be one of none"),
        ("7.3/own/i_private/none/flag", "unknown metadata: 'flag' (must be one of flags"),
        ("7.3/own/i_private/none", "it is not KERNEL/MOUNT/PLACEMENT/CLEANUP/METADATA or NAME"),
        ("guest_memfd-7.3/last-close/3/4", "it is not KERNEL/MOUNT"),
        ("guest_memfd-7.3/last-close/0", "'0' is no step (a number from 1 to 999999)"),
        ("guest_memfd-7.3/last-close/x", "'x' is no step"),
        ("guest_memfd-7.3/last-close/٣", "is no step"),
        ("guest_memfd-7.3/last-close/" + "9" * 9000, "is no step"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(text, said):
    with pytest.raises(UnknownNameError) as caught:
        State.parse(text)
    sentence = str(caught.value)
    assert sentence.startswith("cannot replay the state ")
    assert said in sentence
    assert "\n" not in sentence
    assert len(sentence) < 1000


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "guest_memfd-7.3/last-close/46",
            "step 46 is beyond the run last-close, which has 45 steps",
        ),
        (
            "guest_memfd-7.3/last-clos",
            "unknown run: 'last-clos' (must be one of shortest-run, last-",
        ),
        ("guest_memfd-7.3/to-leak", "unknown run: 'to-leak'"),
        ("guest_memfd-7.3/second-creation", "scenario second-creation does not ask about"),
    ],
)
def test_what_is_no_longer_there_is_one_sentence(text, said):
    with pytest.raises(GmemvizError, match=re.escape(said)):
        replay(State.parse(text))


def test_the_run_is_the_one_that_is_named():
    report = check(gallery("rfc-v1-free_inode"))
    for code in report.defects:
        path, steps = State(("rfc-v1-free_inode",), f"to-{code}").within(report)
        assert path.defect.code == code
        assert len(steps) >= len(path)
    path, _ = State(("rfc-v1-free_inode",), "o-path").within(report)
    assert path.world.scenario.name == "o-path"
    shortest, _ = State(("rfc-v1-free_inode",)).within(report)
    assert shortest == report.counterexample


def test_a_scenario_of_its_own_is_searched_alone():
    replayed = replay(State(("guest_memfd-7.3",), "module-exit", 2))
    assert {e.world.scenario.name for e in replayed.report.explorations} == {"module-exit"}
    assert replayed.report.defects == ("objects-remain", "use-after-free")


def test_choices_that_do_not_go_together_have_no_run():
    replayed = replay(State(("7.3", "own", "i_private-flags", "none", "resv_map"), SHORTEST, 3))
    assert (replayed.report.applicable, replayed.path, replayed.steps) == (False, None, ())
