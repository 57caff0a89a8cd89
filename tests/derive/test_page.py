from gmemviz.derive import derive, toml
from gmemviz.model import Design
from tests.derive.conftest import deed
from tests.derive.test_design import BODY, END


def test_a_page_is_read_back(read):
    found = derive(read(evict_inode=END, free_inode=[BODY, deed("struct given back", "inode")]))
    page = toml(found)
    assert '"if symlink: free i_link via kfree",  # fs/toy/super.c:10' in page
    assert Design.from_text(page) == found.designs[0]
