"""Whatever a Design names may have any name: the model's own cells are in nobody's way."""

import re
from dataclasses import replace
from functools import cache

import pytest

import gmemviz
from gmemviz import Design, check
from gmemviz.model.design import RESERVED
from gmemviz.model.scenarios import SCENARIOS
from gmemviz.model.search.world import world_of

NO_METADATA = """
kernel = "7.3"
mount = "own"
kinds = ["symlink", "regular"]
hooks.evict_inode = ["truncate", "clear_inode", "if nlink 0: sleep", "if failed: sleep"]
"""


def test_every_cell_that_a_name_could_be_is_reserved():
    design = Design.from_text(NO_METADATA)
    names = set()
    for scenario in SCENARIOS.values():
        for cell in world_of(design, scenario, gmemviz.load("7.3")).names:
            names |= set(re.split(r"[. ]", cell))
    words = {name for name in names if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_-]*", name)}
    assert words - RESERVED <= {"of", "text"}  # "folio of second" and "module text" are no names


def renamed(design, old, new):
    """Return the Design with a kind of metadata called otherwise, wherever it is said."""

    def word(name):
        return new if name == old else name

    def body(actions):
        return tuple(
            action._replace(
                metadata=word(action.metadata),
                only_if=tuple(
                    asked._replace(subject=word(asked.subject)) for asked in action.only_if
                ),
            )
            for action in actions
        )

    return replace(
        design,
        keeps=tuple(
            kept._replace(kind=replace(kept.kind, name=word(kept.kind.name)))
            for kept in design.keeps
        ),
        hooks=tuple((hook, body(actions)) for hook, actions in design.hooks),
        actors=tuple(replace(actor, does=body(actor.does)) for actor in design.actors),
        callbacks=tuple(replace(later, does=body(later.does)) for later in design.callbacks),
        error_path=body(design.error_path),
        constructor=body(design.constructor),
        unwinds=tuple(map(word, design.unwinds)),
        root_sets=tuple(map(word, design.root_sets)),
    )


@pytest.mark.parametrize("design", gmemviz.designs())
def test_a_name_of_the_models_own_changes_no_report(design):
    original = gmemviz.gallery(design)
    for number, kept in enumerate(original.keeps):
        before = check(renamed(original, kept.kind.name, "plain-name"))
        for name in sorted(RESERVED)[(len(design) + number) % 5 :: 5]:  # every name at some Design
            after = check(renamed(original, kept.kind.name, name))
            assert after.defects == before.defects, name
            assert (after.states, after.edges) == (before.states, before.edges), name
            assert after.why.count(name) >= before.why.count("plain-name"), name


# --- actors, callbacks, locks and lists -----------------------------------------------------

EVERYTHING = """
kernel = "6.12"
mount = "own"
filled = false
metadata.blob = {{ placement = "containing-struct" }}
locks.{lock} = "irqsave"
lists = ["{list}"]
hooks.alloc_inode = ["alloc container", "init blob"]
hooks.evict_inode = ["wait for {actor}", "truncate", "clear_inode", "take blob off {list}"]
hooks.destroy_inode = ["call_rcu {callback}"]
hooks.free_inode = ["free struct"]
actors.{actor} = {{ holds = "lock {lock}", times = 1, does = ["put blob on {list}", "walk {list}"] }}
callbacks.{callback} = {{ does = ["free blob"] }}
"""
PLAIN = {"lock": "a", "list": "b", "actor": "c", "callback": "d"}


@cache
def plain():
    return check(Design.from_text(EVERYTHING.format(**PLAIN)))


@pytest.mark.parametrize("what", PLAIN)
def test_an_actor_a_callback_a_lock_and_a_list_may_have_any_name(what):
    for name in (*sorted(RESERVED), "task", "rcu", "unmounter", "attached", "9lives", "int"):
        after = check(Design.from_text(EVERYTHING.format(**{**PLAIN, what: name})))
        assert after.defects == plain().defects, name
        assert (after.states, after.edges) == (plain().states, plain().edges), name


@pytest.mark.parametrize("name", ["inode", "readers", "blob", "rcu", "9lives"])
def test_all_of_them_may_have_the_same_name(name):
    after = check(Design.from_text(EVERYTHING.format(**dict.fromkeys(PLAIN, name))))
    assert (after.defects, after.states) == (plain().defects, plain().states)


# --- values of a pointer ------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cleared", "set", "stale"])
def test_a_name_is_no_value_of_a_pointer(name):
    text = NO_METADATA.replace("if nlink 0: sleep", f"free {name}")
    report = check(Design.from_text(f'{text}\nmetadata.{name} = {{ placement = "i_private" }}'))
    assert report.defects == ()
    assert f"{name} is freed in evict_inode" in report.why
