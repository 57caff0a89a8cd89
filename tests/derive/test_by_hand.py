"""Hold what is derived of a real tree against tables that were read by hand, before it was seen."""

import re
import tomllib
from pathlib import Path

import pytest

from gmemviz import gallery
from gmemviz.derive import derive_table, open_tree, tables_of
from gmemviz.derive.tree import INODE_HOOKS

BY_HAND = tomllib.loads(Path(__file__).with_name("by_hand.toml").read_text("utf-8"))
BESIDE = ("path", "at")


@pytest.fixture(scope="module")
def deeds(kernel_folder):
    found = open_tree(kernel_folder)
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
        for hook in set(text["hooks"]) & set(INODE_HOOKS):
            found.setdefault(hook, set()).update(map(plain, text["hooks"][hook]["does"]))
    # A hook whose body does nothing that the language looks at, hugetlbfs_destroy_inode, is empty.
    assert {hook: does for hook, does in found.items() if does} == wanted


GALLERY = {"shmem-6.12": "shmem_ops", "hugetlbfs-6.12": "hugetlbfs_ops",
           "pipefs-6.12": "pipefs_ops", "sockfs-6.12": "sockfs_ops"}  # fmt: skip
"""Designs of the gallery whose mount is their own; guest_memfd of 6.12 has anon_inodefs'."""

DQUOTS = "i_dquot"
"""What the gallery keeps as a member, and derive where s_op->get_dquots finds it: both are right."""


def done(design, elsewhere=None):
    """Return what the hooks do to what is kept where, whatever the metadata is called."""
    places = {kept.kind.name: kept.placement.name for kept in design.keeps} | (elsewhere or {})
    found = set()
    for hook in set(design.bodies) & set(INODE_HOOKS):
        for action in design.bodies[hook]:
            words = f"{action}".partition(" via ")[0].split(" ")
            found.add((hook, *(places.get(word, word) for word in words)))
    return found


@pytest.mark.kernel_tree
@pytest.mark.parametrize("name", GALLERY)
def test_the_gallery_is_what_is_derived(deeds, name):
    (table,) = tables_of(deeds, GALLERY[name])
    derived = set().union(*map(done, derive_table(deeds, table).designs))
    design = gallery(name)
    assert done(design, {DQUOTS: DQUOTS}) == derived
