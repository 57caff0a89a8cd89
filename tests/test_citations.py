"""Hold every kernel function that the package cites against the kernels: path, and name."""

import re
from functools import cache
from pathlib import Path

import pytest

import gmemviz

ROOT = Path(__file__).parent.parent
CITED = re.compile(r"(?<![\w/])((?:[\w-]+/)+[\w.-]+\.[chS]):(\w+)(?:@v(\d+\.\d+))?")
NOT_FUNCTIONS = {"struct"}
BEYOND = Path(__file__).parent / "citations_beyond_the_facts.txt"
"""`path:function@tag` a line, sorted: read in the tree of that kernel, which no facts hold."""


def citations():
    """Return each (path, function, tag) that some text of the package cites, with the files."""
    found = {}
    for file in sorted((ROOT / "gmemviz").rglob("*.py")):
        for path, name, tag in CITED.findall(file.read_text(encoding="utf-8")):
            if name not in NOT_FUNCTIONS and not path.startswith("gmemviz/"):
                found.setdefault((path, name, tag), []).append(file.relative_to(ROOT).as_posix())
    return found


@cache
def facts_of(kernel):
    return gmemviz.load(kernel)


def is_in_facts(path, name, tag):
    """Return whether the facts of the cited kernel, or of any where none is, have it there."""
    for kernel in [tag] if tag else gmemviz.kernels():
        facts = facts_of(kernel)
        if facts.has_function(name) and facts.source(name).path == path:
            return True
    return False


def beyond():
    return [line for line in BEYOND.read_text(encoding="utf-8").splitlines() if line]


def test_what_is_cited_is_there():
    """A name is in the facts, or in the list of those that were looked up in a tree."""
    listed = set(beyond())
    missing = {
        f"{path}:{name}@v{tag}" if tag else f"{path}:{name}": files
        for (path, name, tag), files in citations().items()
        if not is_in_facts(path, name, tag)
    }
    assert {cited: files for cited, files in missing.items() if cited not in listed} == {}
    assert sorted(listed - set(missing)) == [], "cited no more, or in the facts by now"


def test_the_list_is_sorted():
    assert beyond() == sorted(set(beyond()))


@pytest.mark.kernel_tree
@pytest.mark.parametrize("cited", [line for line in beyond() if not line.endswith("@v7.3")])
def test_what_no_facts_hold_is_in_the_tree(cited, kernel_folder):
    path, name = cited.partition("@")[0].split(":")
    text = (kernel_folder / path).read_text(encoding="utf-8", errors="replace")
    # A function, a macro, or a struct's head.
    assert re.search(rf"\b{name}\b", text)
