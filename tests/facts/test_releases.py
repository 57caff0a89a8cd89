"""One list of kernels, read by all; a release is taken apart in one place."""

import ast
import re
from pathlib import Path

import pytest

from gmemviz import facts
from gmemviz.facts.releases import pins, release_numbers

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize(
    ("release", "kernel"),
    [
        ("7.3", "7.3"),
        ("7.3.4", "7.3"),
        ("7.3-rc5", "7.3"),
        ("7.3.0-rc5-00012-gdeadbeef", "7.3"),
        ("7.3.4+deb13-amd64", "7.3"),
        ("7.3+deb13-amd64", "7.3"),
        ("6.12.117", "6.12"),
        ("6.12.117+deb12-cloud-amd64", "6.12"),
        ("6.12.117-1~deb12u1", "6.12"),
        ("6.1.12", None),
        ("6.120", None),
        ("7.30", None),
        ("7.30.1", None),
        ("7", None),
        ("next-20261130", None),
        ("v7.3", None),
        ("", None),
    ],
)
def test_the_shipped_kernel_of_a_release(release, kernel):
    assert facts.kernel_of_release(release) == kernel


@pytest.mark.parametrize(
    ("release", "numbers", "name"),
    [
        ("6.18.44-fc", (6, 18, 44), "6.18"),
        ("7.3-rc1", (7, 3), "7.3"),
        ("7.3.10+deb13", (7, 3, 10), "7.3"),
        ("6", (6,), "6"),
        ("next", (), ""),
    ],
)
def test_the_numbers_of_a_release(release, numbers, name):
    assert (facts.release_numbers(release), facts.kernel_name(release)) == (numbers, name)


def test_kernels_stand_oldest_first_and_one_of_them_judges():
    assert list(facts.kernels()) == sorted(facts.kernels(), key=release_numbers)
    assert facts.judge_kernel() in facts.kernels()


def test_a_kernel_that_is_read_and_not_booted_has_facts_and_no_cells():
    assert list(facts.snapshots()) == sorted(facts.snapshots(), key=release_numbers)
    assert [name for name in facts.snapshots() if name not in facts.kernels()] == ["6.1"]
    assert facts.kernel_of_release(facts.load("6.1").release) is None


@pytest.mark.parametrize("pin", pins(), ids=lambda pin: pin.name)
def test_what_is_pinned_is_complete_and_is_what_the_facts_are_of(pin):
    found = facts.load(pin.name)
    assert pin.tag == found.tag
    assert pin.version.startswith(found.release)
    if pin.packages:
        assert facts.kernel_of_release(pin.release) == pin.name
        assert pin.version.startswith(pin.release.partition("+")[0])
    assert {f"{name} {pin.version}": sha for name, sha in pin.source.items()} == {
        found.package: found.sha256
    }
    assert all("{release}" in name for name in pin.packages)
    assert all(name.count("=") == 1 for name in pin.libraries)
    checksums = (*pin.source.values(), *pin.packages.values(), *pin.libraries.values())
    assert all(re.fullmatch("[0-9a-f]{64}", checksum) for checksum in checksums)


def named_kernels(tree):
    """Yield the line of each text that names a kernel, docstrings and citations (@v7.3) left out."""
    any_kernel = "|".join(map(re.escape, facts.snapshots()))
    pattern = re.compile(rf"(?<![\w.])(?:{any_kernel})(?!\w)")
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    prose |= {id(key) for key in by_kernel(tree)}
    for node in ast.walk(tree):
        is_text = isinstance(node, ast.Constant) and isinstance(node.value, str)
        if is_text and id(node) not in prose and pattern.search(node.value):
            yield node.lineno


def by_kernel(tree):
    """Yield the keys of tables that cite a function for each kernel: those are citations, too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                text = getattr(value, "value", None)
                if isinstance(text, str) and re.fullmatch(r"[\w./-]+\.[ch]:\w+", text):
                    yield key


def test_no_code_names_a_kernel():
    """A new kernel is a table of kernels.toml, and no search through the code."""
    files = [file for folder in ("gmemviz", "scripts") for file in (ROOT / folder).rglob("*.py")]
    lines = {file: list(named_kernels(ast.parse(file.read_text()))) for file in files}
    assert {str(file): numbers for file, numbers in lines.items() if numbers} == {}


def test_a_kernel_that_is_named_is_seen():
    text = (
        '"""Of 7.3."""\na = "7.3"\nb = f"{a}, 6.12 or {a}"\nc = "fs/inode.c:evict@v7.3"\nd = "17.3"'
    )
    assert list(named_kernels(ast.parse(text))) == [2, 3]
