"""Hold the shipped facts of 7.3 against a list that was read from the source by eye."""

from pathlib import Path

import pytest

from gmemviz import facts
from gmemviz.facts.noise import is_noise

KINDS = ("default", "deferred", "direct", "inline", "ops")


def read_list():
    found = {}
    for text in (
        Path(__file__).with_suffix(".txt").with_stem("teardown_edges").read_text().splitlines()
    ):
        if text.startswith("#"):
            continue
        if "|" in text:
            name, path, line = text.split(" | ")
            edges = found[name, path, int(line)] = []
        else:
            line, kind, callee, guard = text.split()
            edges.append((int(line), kind, callee, guard.strip("-") and guard))
    return found


LIST = read_list()


def test_list_is_long_enough_and_of_all_kinds():
    edges = [edge for group in LIST.values() for edge in group]
    assert len(edges) >= 60
    assert sorted({kind for _, kind, *_ in edges}) == list(KINDS)


@pytest.mark.parametrize("place", LIST, ids=lambda place: place[0])
def test_none_is_missing_and_none_is_false(place):
    name, path, line = place
    function = facts.load("7.3").function(name, path)
    assert (function.path, function.line) == (path, line)
    calls = [
        (call.line, call.kind, call.callee, call.guard)
        for call in function.calls
        if call.kind == "ops" or not is_noise(call.callee)
    ]
    assert calls == LIST[place]
