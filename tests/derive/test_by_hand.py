"""Hold what is derived of a real tree against tables that were read by hand, before it was seen."""

import re
import tomllib
from importlib.resources import files

import pytest

from gmemviz.derive import derive_table, open_tree, tables_of

BY_HAND = tomllib.loads(files("tests.derive").joinpath("by_hand.toml").read_text("utf-8"))
BESIDE = ("path", "at")


@pytest.fixture(scope="module")
def deeds(tree):
    found = open_tree(tree)
    if found.tree.kernel != "6.12":
        pytest.skip("what was read by hand is 6.12")
    return found


def plain(line):
    """Return a line without the function, and metadata by its member: `free dir_offsets`."""
    line = re.sub(r" via \w+$", "", line)
    return re.sub(r"(free|init) (\w+)-\S+", r"\1 \2", line)


@pytest.mark.kernel_tree
@pytest.mark.parametrize("name", BY_HAND)
def test_what_the_hooks_do(deeds, name):
    wanted = {hook: set(does) for hook, does in BY_HAND[name].items() if hook not in BESIDE}
    (table,) = (each for each in tables_of(deeds, name) if each.path == BY_HAND[name]["path"])
    found = {}
    for text in derive_table(deeds, table).texts:
        for hook, entry in text["hooks"].items():
            found.setdefault(hook, set()).update(map(plain, entry["does"]))
    # A hook whose body does nothing that the language looks at, hugetlbfs_destroy_inode, is empty.
    assert {hook: does for hook, does in found.items() if does} == wanted
