import pytest

from gmemviz.derive import derive, derive_table, open_tree, tables_of, toml
from gmemviz.derive.page import with_places
from gmemviz.model import Design
from tests.derive.conftest import AT, deed
from tests.derive.test_design import BODY, END


def test_a_page_is_read_back(read):
    found = derive(read(evict_inode=END, free_inode=[BODY, deed("struct given back", "inode")]))
    page = toml(found)
    assert '"if symlink: free i_link via kfree",' in page
    design = Design.from_text(page)
    assert design == found.designs[0]
    assert design.places == found.designs[0].places
    (place,) = design.chain("free_inode: if symlink: free i_link via kfree")
    assert f"{place}" == "fs/toy/super.c:10"


@pytest.mark.kernel_tree
def test_every_table_of_a_kernel_is_read_back(kernel_folder):
    """Not one word of any way is lost, so that no verdict can be another; places stay, too."""
    deeds = open_tree(kernel_folder)
    ways = 0
    for table in tables_of(deeds):
        found = derive_table(deeds, table)
        for way, design in enumerate(found.designs):
            again = Design.from_text(toml(found, way))
            assert (again, again.places) == (design, design.places), table.name
            ways += 1
    assert ways > len(tables_of(deeds)) > 80


def test_every_line_has_its_places():
    table = {
        "hooks": {"evict_inode": {"does": ["truncate", "read a"]}, "free_inode": {"does": []}},
        "constructor": ["init a"],
    }
    found = with_places(table, {("evict_inode", "truncate"): (AT, AT)})
    assert found["hooks"]["evict_inode"]["at"] == ["fs/toy/super.c:10 -> fs/toy/super.c:10", ""]
    assert "at" not in found["hooks"]["free_inode"]
    assert found["at"] == {"constructor": [""]}
