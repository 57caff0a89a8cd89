import pytest

from gmemviz.errors import FactsError
from gmemviz.extract import extract
from gmemviz.extract.body import BodyReader
from gmemviz.extract.index import Index
from gmemviz.extract.tree.tree import Tree
from gmemviz.extract.walk import follow, leads_to, read_all
from gmemviz.facts import Call

TARGETS = {("super_operations", "evict_inode"): [("toyfs_evict", "fs/toyfs/super.c")]}


@pytest.fixture
def reader(write_tree):
    tree = Tree(write_tree())
    index = Index(tree)
    for path in tree.files([""]):
        index.add(path)
    return BodyReader(index)


def reached(reader, *roots, depth=6, targets=TARGETS):
    return [function.name for function in follow(reader, roots, targets, depth).values()]


def test_nearest_come_first_and_what_a_table_names_last(reader):
    assert reached(reader, "iput") == [
        "iput", "evict", "toy_get", "destroy_inode", "toy_callback", "toyfs_evict",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("depth", "expected"),
    [
        (0, ["iput"]),
        (1, ["iput", "evict", "toy_get"]),
        (2, ["iput", "evict", "toy_get", "destroy_inode", "toyfs_evict"]),
    ],
)
def test_depth(reader, depth, expected):
    assert reached(reader, "iput", depth=depth) == expected


def test_a_table_of_nobody_leads_nowhere(reader):
    assert "toyfs_evict" not in reached(reader, "iput", targets={})


def test_a_root_that_is_a_file(reader):
    assert reached(reader, "fs/toyfs/super.c") == ["toyfs_evict", "toyfs_fill"]


def test_file_as_a_root_and_names_beside_it(write_tree):
    found = extract(write_tree(), roots=["fs/toyfs/super.c"], also=["iput"])
    assert set(found.functions) == {"toyfs_evict", "toyfs_fill", "iput"}


def test_no_root(reader):
    with pytest.raises(FactsError, match="none of the roots is defined in"):
        follow(reader, ["nonsense"], TARGETS, 6)


def test_what_a_call_leads_to():
    def steps(call):
        return list(leads_to(call, "fs/inode.c", 1, 4, TARGETS))

    assert steps(Call("evict", "direct", 3)) == [(1, "evict", "fs/inode.c")]
    assert steps(Call("spin_lock", "direct", 3)) == []  # noise
    hook = Call("evict_inode", "ops", 3, struct="super_operations")
    assert steps(hook) == [(4, "toyfs_evict", "fs/toyfs/super.c")]
    assert steps(Call("free_inode", "ops", 3, struct="super_operations")) == []


def test_reading_all_goes_file_by_file(reader):
    seen = []
    read = read_all(reader, lambda *step: seen.append(step))
    assert [function.path for function in read.values()] == sorted(
        function.path for function in read.values()
    )
    assert {"iput", "toyfs_fill", "toy_get"} <= {function.name for function in read.values()}
    assert seen[-1] == ("functions", len(read), len(read))
