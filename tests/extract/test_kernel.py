import pytest

from gmemviz import facts
from gmemviz.errors import FactsError
from gmemviz.extract import extract
from gmemviz.facts import encoding


def edges(found, name):
    return [(c.callee, c.kind, c.guard, c.struct or c.hook) for c in found.function(name).calls]


def test_road_of_an_inode(write_tree):
    found = extract(write_tree())
    assert (found.kernel, found.release, found.tag) == ("9.8", "9.8.7", "v9.8.7")
    assert edges(found, "iput") == [("toy_get", "inline", "", ""), ("evict", "direct", "", "")]
    assert edges(found, "evict") == [
        ("evict_inode", "ops", "hook-set", "super_operations"),
        ("truncate_toy", "default", "hook-unset", "evict_inode"),
        ("clear_inode", "default", "hook-unset", "evict_inode"),
        ("destroy_inode", "direct", "", ""),
    ]
    # The hook is copied into the inode, and is still super_operations'.
    assert edges(found, "toy_callback")[1:] == [
        ("free_inode", "ops", "hook-set", "super_operations"),
        ("free_toy", "default", "hook-unset", "free_inode"),
    ]
    assert edges(found, "destroy_inode")[1:] == [
        ("call_rcu", "direct", "early-exit", ""),
        ("toy_callback", "deferred", "early-exit", ""),
    ]


def test_lines_are_those_of_the_files(write_tree):
    folder = write_tree()
    found = extract(folder)
    lines = (folder / "fs/inode.c").read_text().splitlines()
    for name in ("iput", "evict", "destroy_inode"):
        function = found.function(name)
        assert f" {name}(" in lines[function.line - 1]
        assert all(call.callee in lines[call.line - 1] for call in function.calls)


def test_tables_and_their_filesystem(write_tree):
    found = extract(write_tree())
    assert [(t.name, t.filesystem) for t in found.tables_of("toyfs")] == [
        ("toyfs_file", "toyfs"),
        ("toyfs_type", "toyfs"),
        ("toyfs_ops", "toyfs"),
    ]
    (table,) = found.tables_of("toyfs", "super_operations")
    assert table.slots == (("evict_inode", "toyfs_evict"), ("free_inode", "toyfs_free"))
    assert table.conditions == (("free_inode", "CONFIG_TOY"),)
    assert found.has_function("toyfs_evict")
    assert [edge.callee for edge in facts.callees(found, "evict", filesystems=["toyfs"])] == [
        "toyfs_evict",
        "truncate_toy",
        "clear_inode",
        "destroy_inode",
    ]


def test_fields(write_tree):
    found = extract(write_tree())
    assert found.has_field("address_space", "i_other")
    assert found.fields["address_space", "i_toy"].condition == "CONFIG_TOY"
    assert found.has_field("inode", "i_fop")
    assert not found.has_field("inode", "i_toy")


def test_whole_tree_reads_everything(write_tree):
    found = extract(
        write_tree(drivers__odd="\nint odd(void)\n{\n\treturn even();\n}\n"), whole_tree=True
    )
    assert {"odd", "iput", "toyfs_fill", "toy_get"} <= set(found.functions)


def test_progress_counts_up(write_tree):
    seen = []
    extract(write_tree(), progress=lambda *step: seen.append(step))
    assert {what for what, *_ in seen} == {"files", "functions"}
    assert all(0 < done <= total for _, done, total in seen)


def test_snapshot_round_trip_and_same_bytes(write_tree, tmp_path):
    folder = write_tree()
    paths = [tmp_path / "a.json.gz", tmp_path / "b.json.gz"]
    for path in paths:
        encoding.write(extract(folder), path)
    assert paths[0].read_bytes() == paths[1].read_bytes()
    first, again = extract(folder), encoding.read(paths[0])
    assert dict(first.functions) == dict(again.functions)
    assert first.tables == again.tables
    assert first.fields == again.fields


@pytest.mark.parametrize(
    ("missing", "message"),
    [("Makefile", "has no kernel Makefile"), ("fs/inode.c", "has no fs/inode.c")],
)
def test_no_kernel_tree_is_one_sentence(write_tree, missing, message):
    folder = write_tree()
    (folder / missing).unlink()
    with pytest.raises(FactsError, match=f"{message}: expected an unpacked kernel tree") as caught:
        extract(folder)
    assert "\n" not in str(caught.value)


def test_no_folder_and_no_root(write_tree, tmp_path):
    with pytest.raises(FactsError, match="is not a folder"):
        extract(tmp_path / "nowhere")
    with pytest.raises(FactsError, match="none of the roots"):
        extract(write_tree(), roots=["no_such_function"])
