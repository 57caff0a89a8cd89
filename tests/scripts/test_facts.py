"""The shipped snapshots are read twice, so that what one kernel lacks is lacking in its tree."""

import pytest

from gmemviz.derive import TableRead
from gmemviz.facts import deed_file, encoding
from scripts.facts import Origin, make

FUNCTION = "\nvoid {}(void)\n{{\n\t{}();\n}}\n"


@pytest.fixture
def trees(tmp_path):
    """Return two kernels: iput reaches old_way in one and new_way in the other, where both are."""
    made = []
    for minor, way in ((1, "old_way"), (2, "new_way")):
        folder = tmp_path / way
        (folder / "fs").mkdir(parents=True)
        (folder / "Makefile").write_text(f"VERSION = 9\nPATCHLEVEL = {minor}\nSUBLEVEL = 5\n")
        (folder / "fs/inode.c").write_text(FUNCTION.format("iput", way))
        names = ["old_way", "unreached"] if minor == 1 else ["old_way", "new_way", "unreached"]
        ways = "".join(FUNCTION.format(name, "last") for name in names)
        (folder / "fs/ways.c").write_text(ways)
        made.append(Origin(folder, f"linux-source 9.{minor}", f"checksum{minor}"))
    return made


def test_snapshots_hold_what_the_other_reaches_and_say_where_they_are_from(trees, tmp_path):
    paths = make(trees, tmp_path)
    assert [path.name for path in paths] == [
        "9.1.json.gz", "9.1-deeds.json.xz", "9.2.json.gz", "9.2-deeds.json.xz"
    ]  # fmt: skip
    first, second = map(encoding.read, paths[::2])
    assert set(first.functions) == {"iput", "old_way"}  # its tree has no new_way
    assert set(second.functions) == {"iput", "old_way", "new_way"}
    assert (second.package, second.sha256) == ("linux-source 9.2", "checksum2")


TABLE = """
static void toy_free_inode(struct inode *inode)
{
	kfree(inode->i_link);
}

const struct super_operations toy_ops = {
	.free_inode = toy_free_inode,
};
"""


@pytest.mark.parametrize("home", ["fs/toy", "drivers/toy"])
def test_every_table_has_its_deeds_wherever_it_stands(trees, tmp_path, home):
    first, _ = trees
    (first.folder / home).mkdir(parents=True)
    (first.folder / home / "super.c").write_text(TABLE)
    _, path = make([first], tmp_path)
    ((key, read),) = deed_file.read(path, TableRead).items()
    assert key == f"{home}/super.c:7 toy_ops"
    assert [deed.path for deed in read.hooks["free_inode"].deeds] == ["i_link"]
