"""The language of a Design: each word's example is run, and what tells the language is true."""

import json
import tomllib
from importlib.resources import files

import pytest
from jsonschema import Draft202012Validator

from gmemviz import Design, check
from gmemviz.model.design.actions import EXAMPLES, INODE_KINDS, VERBS, Action
from gmemviz.model.design.toml import table_of_text
from scripts import language
from tests.bugs.tables import laid_over
from tests.bugs.test_bugs import CASES

VALIDATOR = Draft202012Validator(language.schema())

BASE = """
kernel = "6.12"
mount = "own"
metadata.blob = { placement = "containing-struct" }
hooks.alloc_inode = ["alloc container", "init blob"]
hooks.free_inode = ["free struct"]
"""
NEEDS = {
    "actors.reader = ": ("wait for reader", 'actors.reader = { does = ["read blob"] }'),
    "callbacks.free_it = ": (
        "call_rcu free_it",
        'callbacks.free_it = { does = ["if blob set: free blob"] }',
    ),
    "callbacks.later = ": (
        "call_srcu later",
        'callbacks.later = { runs = "srcu", does = ["if blob set: free blob"] }',
    ),
    "locks.i_rwsem = ": (" i_rwsem", 'locks.i_rwsem = "mutex of each inode"'),
    "callbacks.work = ": ("queue work", 'callbacks.work = { runs = "worker", does = ["sleep"] }'),
    "locks.guard = ": ("lock guard", 'locks.guard = "spinlock"'),
    "actors.adder = ": ("walk all", 'actors.adder = { does = ["put blob on all"] }'),
    "lists = ": (" all", 'lists = ["all"]'),
    "hooks.release = ": (" work", 'hooks.release = ["queue work"]'),
}


def design_of(example):
    """Return a Design with an example's line, and all that the line names."""
    table = laid_over(tomllib.loads(BASE), tomllib.loads(example))
    text = example
    for key, (word, line) in NEEDS.items():
        if word in text and key not in text:
            table = laid_over(tomllib.loads(line), table)
            text += line
    if "queue work" in text and "callbacks" not in table:
        table = laid_over(tomllib.loads(NEEDS["callbacks.work = "][1]), table)
    return Design.from_table("an example", table)


@pytest.mark.parametrize("verb", VERBS)
def test_each_word_has_an_example_that_is_acted_on(verb):
    design = design_of(EXAMPLES[verb])
    words = [f"{title}: {action}" for title, body in design.bodies.items() for action in body
             if action.verb == verb]  # fmt: skip
    assert words
    report = check(design)
    acted = {word for search in report.explorations for word in search.acted}
    assert acted >= set(words), report.not_asked


@pytest.mark.parametrize("verb", VERBS)
def test_what_is_parsed_is_said_as_it_was_written(verb):
    for body in design_of(EXAMPLES[verb]).bodies.values():
        for action in body:
            assert (
                Action.parse(
                    str(action),
                    {k.kind.name: k.kind for k in design_of(EXAMPLES[verb]).keeps},
                    names=NAMES,
                )
                == action
            )


NAMES = {
    "LOCK": ["guard", "i_rwsem"], "LIST": ["all"], "ACTOR": ["reader"],
    "CALLBACK": ["work", "free_it", "later"],
}  # fmt: skip


def test_the_page_and_the_schema_are_of_this_model():
    assert language.PAGE.read_text(encoding="utf-8") == language.page(), (
        "python -m scripts.language"
    )
    assert json.loads(language.SCHEMA.read_text(encoding="utf-8")) == language.schema()


@pytest.mark.parametrize("form", ["broken", "mended"])
@pytest.mark.parametrize("key", CASES)
def test_every_bug_is_of_the_schema(key, form):
    case = CASES[key]
    table = case["broken"] if form == "broken" else laid_over(case["broken"], case["mended"])
    assert not list(VALIDATOR.iter_errors(table))


def test_the_gallery_and_the_page_to_start_from_are_of_the_schema():
    gallery = tomllib.loads(files("gmemviz.study").joinpath("gallery.toml").read_text("utf-8"))
    start = files("gmemviz.cli.about").joinpath("new.toml").read_text("utf-8")
    tables = {**gallery, "new": tomllib.loads(start.replace("KERNEL", "7.3"))}
    faults = {name: list(VALIDATOR.iter_errors(table)) for name, table in tables.items()}
    assert not [name for name, found in faults.items() if found]
    assert list(VALIDATOR.iter_errors({**tables["new"], "hoks": {}}))


def test_the_page_has_every_word():
    text = language.page()
    for row in VERBS.values():
        assert f"`{row.form}`" in text
    for word in INODE_KINDS:
        assert f"`{word}`" in text


def test_the_example_of_the_page_is_what_it_is_called():
    toml = language.page().split("```toml\n")[1].split("```")[0]
    assert check(Design.from_table("example", table_of_text(toml))).defects == ("crash",)
