"""Promela: SPIN's verdict is the model's, cell by cell and scenario by scenario."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest

from gmemviz.errors import GmemvizError, MissingToolError
from gmemviz.facts import load
from gmemviz.model import SCENARIOS, check
from gmemviz.model.machine import progress
from gmemviz.model.road.lines import Do, If, wait
from gmemviz.model.scenarios.kvm import KVM
from gmemviz.model.scenarios.named import OF_NAMES
from gmemviz.model.scenarios.on_request import FURTHER
from gmemviz.model.search.explore import explore
from gmemviz.model.search.world import world_of
from gmemviz.study import cells, designs, gallery
from tests.oracles.promela import CODES, is_known, promela
from tests.oracles.spin import CELLS, SpinError, design_of, read, sample, verify

# The first test that asks for `answers` has some 310 C programs compiled.
pytestmark = pytest.mark.timeout(900)

SAMPLE = {"_".join(cell): design_of(cell) for cell in sample()}
UNWRITTEN = {
    *OF_NAMES, "busy-inode", "memslot-bind", "stale-creation", "stale-init", "stale-root",
}  # fmt: skip
"""Roads that a second model would say over again: of names, of a memslot, of old memory, of an
inode that is held at an umount. No cell of the matrix takes them; their tests are cases of
tests/bugs, and the recordings of a tmpfs."""

ASKED_FOR = {  # no part of a cell of the matrix
    name: scenario for name, scenario in {**FURTHER, **KVM}.items() if name not in UNWRITTEN
}
ASKED_ONLY = {"busy-inodes", "double-free", "objects-remain"}  # codes of no cell of the matrix
OFTEN_WRONG = [
    design_of(("7.3", "own", "i_private", "release", "shared_policy")),
    design_of(("6.12", "own", "containing-struct", "drop-returns-0", "folio-put-state")),
]


def size(exploration):
    """Return the states and transitions that SPIN counts for a search without a defect.

    What an actor passes silently makes no state of its own there; what the judge does at
    each end makes one, and the start counts as a transition.
    """
    programs = exploration.world.programs

    def seen(state):
        counters = []
        for at, program in enumerate(programs):
            done, register = progress(state, at)
            step = program.next(done, register)
            counters += [step and step.number, register]
        return (*counters, *state[2 * len(programs) :])

    states = {seen(state) for state in exploration.came_from}
    moves = {(seen(state), move) for state, move, _ in exploration.moves}
    ends = len(states - {state for state, _ in moves})
    return len(states) + ends, len(moves) + ends + 1


def asked_for(scenario):
    """Return what the model explores of a scenario, for one Design of the gallery and bad ones."""
    known = filter(is_known, map(gallery, designs()))
    named = [design for design in known if scenario.asks(design) and not design.actors][:1]
    return [
        explore(world_of(design, scenario, load(design.kernel)), keep_moves=True)
        for design in [*named, *filter(scenario.asks, OFTEN_WRONG)]
    ]


@pytest.fixture(scope="module")
def answers():
    """Return what the model explored, by cell and by scenario, each time with SPIN's Verdict."""
    explored = {name: check(d, keep_moves=True).explorations for name, d in SAMPLE.items()}
    explored |= {name: asked_for(scenario) for name, scenario in ASKED_FOR.items()}
    jobs = [(name, one, one.world) for name, found in explored.items() for one in found]
    texts = [promela(world.design, world.scenario) for _, _, world in jobs]
    with ThreadPoolExecutor(os.cpu_count()) as pool:  # each thread only waits for a process
        verdicts = list(pool.map(verify, texts))
    paired = list(zip(jobs, verdicts, strict=True))
    return {name: [(e, v) for (of, e, _), v in paired if of == name] for name in explored}


def test_the_sample_has_every_choice():
    assert len(SAMPLE) == CELLS
    for at, values in enumerate(zip(*cells(), strict=True)):
        assert {cell[at] for cell in sample()} == set(values)


@pytest.mark.spin
@pytest.mark.parametrize("name", [*SAMPLE, *ASKED_FOR])
def test_spin_finds_what_the_model_finds(answers, name):
    assert answers[name]
    for exploration, verdict in answers[name]:
        assert verdict.codes == exploration.found.keys(), exploration.world.scenario.name


@pytest.mark.spin
def test_the_sample_has_every_defect_and_every_scenario_of_the_matrix(answers):
    pairs = [pair for name in SAMPLE for pair in answers[name]]
    names = {exploration.world.scenario.name for exploration, _ in pairs}
    assert names == {"build", *SCENARIOS} - {*ASKED_FOR} - UNWRITTEN
    assert {code for _, verdict in pairs for code in verdict.codes} == {*CODES} - ASKED_ONLY


@pytest.mark.spin
def test_where_there_is_no_defect_both_searches_have_the_same_size(answers):
    sound = [(e, v) for found in answers.values() for e, v in found if not e.found]
    assert len(sound) > 50
    for exploration, verdict in sound:
        assert (verdict.states, verdict.transitions) == size(exploration)


@pytest.mark.spin
@pytest.mark.parametrize(
    ("scenario", "old", "new", "code"),
    [
        ("gup-fast", "waits_for == NOTHING ->", "waits_for != NOT_QUEUED ->", "use-after-free"),
        ("last-close", "i_state = I_FREEING | I_CLEAR;", "i_state = I_FREEING;", "assertion"),
        ("last-close", "free_to(object_inode, cell_inode_cache, OWN_CACHE);", "", "inode-leak"),
        ("last-close", "free(cell_inode_shared_policy);", "", "leak"),
        ("last-close", "INODE_CACHEP 1", "INODE_CACHEP 2", None),
        ("last-close", "OWN_CACHE);", "INODE_CACHEP);", "wrong-cache"),
        ("last-close", "free(object_folio);", "free(object_folio);" * 2, "double-free"),
        ("unmount", "put(cell_mount);", "put(cell_mount); put(cell_mount);", "use-after-free"),
    ],
)
def test_another_text_has_another_verdict(scenario, old, new, code):
    text = promela(gallery("guest_memfd-7.3"), SCENARIOS[scenario])
    assert verify(text).codes == set()
    assert old in text
    assert verify(text.replace(old, new)).codes == {code} - {None}


@pytest.mark.spin
def test_the_same_text_has_the_same_numbers():
    text = promela(gallery("guest_memfd-7.3"), SCENARIOS["o-path"])
    assert len({verify(text) for _ in range(3)}) == 1


@pytest.mark.spin
def test_a_search_that_was_cut_short_is_no_verdict():
    text = promela(gallery("guest_memfd-7.3"), SCENARIOS["last-close"])
    with pytest.raises(SpinError, match="not complete: max search depth too small"):
        verify(text, depth=20)


@pytest.mark.spin
@pytest.mark.parametrize("text", ["active proctype x() { touch(nothing) }", "", "int x = ;"])
def test_bad_promela_is_no_verdict(text):
    with pytest.raises(SpinError):
        verify(text)


@pytest.mark.spin
def test_an_error_that_is_no_defect_is_no_verdict():
    with pytest.raises(SpinError, match="no defect: invalid end state"):
        verify("active proctype stuck() { false }")


def test_words_of_pan_that_are_not_understood_are_no_verdict():
    full = "Full statespace search for:\nerrors: 1\n 5 states, stored\n"
    with pytest.raises(SpinError, match="not understood"):
        read(full)
    with pytest.raises(SpinError, match="no full search"):
        read(full.replace("Full", "Bit"))


def test_a_missing_tool_is_named(monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(MissingToolError, match="spin is missing: apt-get install spin gcc"):
        verify("")


# --- names ----------------------------------------------------------------------------------

EVIL = 'x"; */ assert(false); }\n#define HELD 9 \\\n/* proctype é() { c_code { exit(0); }; '


def renamed(design, scenario, word):
    """Return both with `word` where a user may say anything, and Promela's words in all names."""

    def other(kept):
        return kept._replace(kind=replace(kept.kind, name=f"do-{kept.kind.name}"))

    def said(action):
        name = action.metadata and f"do-{action.metadata}"
        return action._replace(metadata=name, via=action.via and f"assert_{action.via}")

    hooks = tuple((hook, tuple(map(said, body))) for hook, body in design.hooks)
    actors = tuple(replace(a, name=word + a.name, shown=word + a.shown) for a in scenario.actors)
    return replace(
        design, keeps=tuple(map(other, design.keeps)), hooks=hooks, name=word,
        functions=tuple((hook, f"assert_{function}") for hook, function in design.functions),
    ), replace(scenario, name=word, says=word, actors=actors)  # fmt: skip


@pytest.mark.spin
@pytest.mark.parametrize("cleanup", ["evict-after-truncate", "evict-before-truncate"])
def test_a_name_cannot_say_anything(cleanup):
    design = design_of(("7.3", "own", "global-xarray", cleanup, "hugetlb-subpool"))
    for scenario in (SCENARIOS["last-close"], SCENARIOS["slab-reuse"]):
        text = promela(*renamed(design, scenario, EVIL), facts=load("7.3"))
        assert text.isascii()
        assert text.count("/*") == text.count("*/")
        assert verify(text) == verify(promela(design, scenario))


def test_names_that_look_alike_stay_apart():
    design = design_of(("7.3", "own", "i_private", "none", "resv_map"))
    actors = SCENARIOS["last-close"].actors
    twins = tuple(
        replace(actor, name=f"a{mark}b") for actor, mark in zip(actors, "-.", strict=True)
    )
    text = promela(design, replace(SCENARIOS["last-close"], actors=twins))
    assert "proctype actor_a_b()" in text
    assert "proctype actor_a_b_2()" in text


# --- translations ----------------------------------------------------------------------------


def strange(_m, _t):
    pass


def asked(line):
    last_close = SCENARIOS["last-close"]
    task = replace(last_close.actors[0], lines=(line,))
    return promela(gallery("guest_memfd-7.3"), replace(last_close, actors=(task,)))


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (Do(strange, ""), r"operation .*test_promela\.strange$"),
        (Do(partial(strange, kept=1), ""), r"operation .*test_promela\.strange with kept$"),
        (Do(strange, "", strange), r"guard .*test_promela\.strange$"),
        (wait(strange, strange, ""), r"guard .*test_promela\.strange$"),
        (If(strange, ()), r"jump .*test_promela\.strange$"),
    ],
)
def test_what_has_no_translation_is_refused_by_its_name(line, said):
    with pytest.raises(GmemvizError, match=f"no Promela for the {said}"):
        asked(line)


def test_a_known_operation_with_words_of_another_is_refused():
    truncate = import_module("gmemviz.model.road.hook_actions").truncate
    with pytest.raises(GmemvizError, match=r"operation road\.hook_actions\.truncate with kept$"):
        asked(Do(partial(truncate, kept=1), ""))


def test_a_cell_of_another_kind_is_refused():
    odd = replace(SCENARIOS["last-close"], cells=(("odd", "words"),))
    with pytest.raises(
        GmemvizError, match="no Promela for the cell 'odd', which starts as 'words'"
    ):
        promela(gallery("guest_memfd-7.3"), odd)


@pytest.mark.parametrize("name", [name for name in designs() if is_known(gallery(name))])
def test_every_scenario_of_the_gallery_can_be_written(name):
    design = gallery(name)
    for scenario in SCENARIOS.values():
        if scenario.asks(design) and scenario.name not in UNWRITTEN:
            assert f"{design.title}; {scenario.name}: " in promela(design, scenario)


ROOT = Path(__file__).parents[2]

PROGRAM = """
from gmemviz.model import SCENARIOS
from gmemviz.study import gallery
from tests.oracles.promela import promela
print(promela(gallery("hugetlbfs-6.12"), SCENARIOS["second-creation"]))
"""


def test_the_same_under_two_hash_seeds():
    texts = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM], env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, check=True, cwd=ROOT,
        ).stdout
        for seed in ("1", "4242")
    }  # fmt: skip
    assert len(texts) == 1


def test_what_is_not_a_design_has_no_text():
    cell = design_of(("7.3", "own", "i_private-flags", "none", "resv_map"))
    with pytest.raises(GmemvizError, match=r"nothing to write: .* needs a pointer"):
        promela(cell, SCENARIOS["last-close"])
