from gmemviz.derive import derive, toml
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


def test_every_line_has_its_places():
    table = {
        "hooks": {"evict_inode": {"does": ["truncate", "read a"]}, "free_inode": {"does": []}},
        "constructor": ["init a"],
    }
    found = with_places(table, {("evict_inode", "truncate"): (AT, AT)})
    assert found["hooks"]["evict_inode"]["at"] == ["fs/toy/super.c:10 -> fs/toy/super.c:10", ""]
    assert "at" not in found["hooks"]["free_inode"]
    assert found["at"] == {"constructor": [""]}
