"""A real kernel judges cells of every defect that it can show, and a Design that is not a cell."""

import pytest

from gmemviz.evidence.confirm.cells import confirm_cells
from gmemviz.evidence.confirm.confirm import confirm
from gmemviz.model import Design
from gmemviz.record.boot.kernel_images import kernels_folder

pytestmark = [pytest.mark.qemu, pytest.mark.kernels]

CELLS = {
    (): ("containing-struct", "destroy+free", "attributes-tree"),
    ("assertion",): ("i_private", "evict-without-clear", "shareability-tree"),
    ("deadlock",): ("global-xarray", "free-all", "flags"),
    ("inode-leak",): ("i_private-flags", "free-metadata-only", "flags"),
    ("late-release",): ("containing-struct", "free-all", "resv_map"),
    ("leak",): ("i_private", "none", "faultability-xarray"),
    ("leak", "stale-alias"): ("global-xarray", "none", "shareability-tree"),
    ("per-file",): ("file-private_data", "release", "shareability-tree"),
    ("per-file", "use-after-free"): ("file-private_data", "release", "folio-put-state"),
    ("sleep-in-atomic",): ("i_private", "drop-returns-1", "attributes-tree"),
    ("sleep-in-softirq",): ("i_private_data", "free-all", "shareability-tree"),
    ("use-after-free",): ("i_private-flags", "destroy-frees-now", "flags"),
    ("wrong-branch",): ("i_private-flags", "release", "flags"),
    ("wrong-cache",): ("containing-struct", "none", "attributes-tree"),
}


# No C follows a pointer that nobody has: of such a cell the kernel judges the other defects.
NOT_WRITTEN = "out-of-reach"


def test_the_kernel_shows_each_defect_that_the_model_found():
    only = [("6.12", "own", *cell) for cell in CELLS.values()]
    rows = confirm_cells("6.12", only=only)
    assert [tuple(row["shown"]) for row in rows] == list(CELLS), rows
    for row in rows:
        assert row["release"].startswith("6.12.")
        assert (row["missing"], row["surplus"]) == ([], []), row
        left = set(row["model"]) - set(row["shown"])
        assert left <= {NOT_WRITTEN}, row
        assert left == set(row["not_shown"]), row
        assert row["judgement"] == ("agrees in part" if left else "agrees"), row
    of_one_file = [row for row in rows if row["placement"] == "file-private_data"]
    assert all(NOT_WRITTEN in row["not_shown"] for row in of_one_file[:2])


OWN = """
    name = "tree-in-free_inode"
    kernel = "6.12"
    mount = "own"
    metadata.tree = { placement = "i_private", release = "sleeping lock" }
    hooks.free_inode = ["free tree", "free struct"]
"""


def test_a_design_of_ones_own_is_judged():
    told = []
    found = confirm(Design.from_text(OWN), progress=told.append)
    assert found.judgement == "agrees", found.text
    assert "BUG: scheduling while atomic" in found.text
    assert told[0] == "building the module"


def test_a_field_that_a_kernel_lacks_is_what_its_compiler_says():
    if not (kernels_folder() / "7.3" / "headers").is_dir():
        pytest.skip(f"needs {kernels_folder() / '7.3'}: make kernels")
    cell = ("7.3", "own", "i_private_data", "none", "resv_map")
    (row,) = confirm_cells("7.3", only=[cell])
    assert (row["judgement"], list(row["shown"])) == ("agrees", ["no-such-field"])


READER = """
    name = "srcu-reader"
    kernel = "6.12"
    mount = "own"
    metadata.blob = { placement = "i_private" }
    hooks.evict_inode = ["truncate", "clear_inode", "free blob"]
    actors.reader = { holds = "srcu", does = ["read blob", "srcu_read_unlock", "sleep"] }
"""
WAITING = READER.replace('"free blob"', '"synchronize_srcu", "free blob"')


@pytest.mark.parametrize(("text", "shown"), [(READER, ["use-after-free"]), (WAITING, [])])
def test_a_reader_under_srcu_is_waited_for_or_reads_what_is_freed(text, shown):
    found = confirm(Design.from_text(text))
    assert (found.judgement, list(found.shown)) == ("agrees", shown), found.text


FREED_TWICE = """
    name = "lies-in-what-it-frees"
    kernel = "6.12"
    mount = "own"
    metadata.blob = { placement = "i_private" }
    hooks.evict_inode = ["truncate", "clear_inode", "call_rcu later", "free blob"]
    callbacks.later = { does = ["free blob"] }
    actors.reader = { holds = "rcu", does = ["read blob"] }
"""
FREED_ONCE = FREED_TWICE.replace('"free blob"]\n    callbacks', '"clear blob"]\n    callbacks')


@pytest.mark.parametrize(("text", "shown"), [(FREED_TWICE, "double-free"), (FREED_ONCE, "")])
def test_a_callback_that_lies_in_what_it_frees_is_the_only_one_who_frees_that(text, shown):
    found = confirm(Design.from_text(text))
    assert found.judgement != "disagrees", found.text
    assert shown in found.shown or (not shown and not found.shown), found.text
