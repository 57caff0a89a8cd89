"""A whole tree: where things are beside each other, and what real functions do."""

import time

import pytest

from gmemviz.errors import FactsError
from gmemviz.extract.deeds import KernelDeeds
from tests.extract.deeds.conftest import spell

MODULE = """
static void toy_once(void *memory)
{
}
static int toy_init(void)
{
	cache = kmem_cache_create("toy", sizeof(struct toy), 0, 0, toy_once);
	return 0;
}
static void toy_exit(void)
{
}
module_init(toy_init);
module_exit(toy_exit);
"""


def test_a_module_and_its_slab(deeds):
    found = deeds(MODULE)
    assert found.module_functions("fs/toy/toy.c") == ("toy_init", "toy_exit", "fs/toy/toy.c")
    assert found.constructors("fs/toy/toy.c") == [("toy_once", "fs/toy/toy.c")]


def test_who_calls_a_function(deeds):
    makes = "struct inode *toy_make(void *sb)\n{\n\treturn new_inode(sb);\n}\n"
    found = deeds(makes + MODULE)
    assert found.callers_of(("new_inode",), "fs/toy/toy.c") == [("toy_make", "fs/toy/toy.c")]
    assert found.callers_of(("iget_locked",), "fs/toy/toy.c") == []


@pytest.fixture(scope="module")
def real(kernel_folder):
    return KernelDeeds(kernel_folder, folders=["fs", "mm", "include/linux", "kernel", "ipc"])


REAL = {
    ("bpf_free_inode", "kernel/bpf/inode.c"): [
        "given back i_link if inode symlink", "struct given back inode",
    ],
    ("jffs2_free_inode", "fs/jffs2/super.c"): ["given back container.target", "given back container"],
    ("jffs2_alloc_inode", "fs/jffs2/super.c"): ["allocated container"],
    ("shmem_free_in_core_inode", "mm/shmem.c"): [
        "given back i_link if inode symlink", "given back container",
    ],
    ("ext4_alloc_inode", "fs/ext4/super.c"): None,
}  # fmt: skip


@pytest.mark.kernel_tree
@pytest.mark.parametrize("name", REAL)
def test_real_functions(real, name):
    if real.tree.kernel != "6.12":
        pytest.skip("what is expected is what 6.12 does")
    found = real.of(*name)
    wanted = REAL[name]
    if wanted is None:
        assert "emptied container.jinode" in spell(found)
    else:
        assert found.unread == ()
        assert spell(found) == wanted


@pytest.mark.kernel_tree
def test_what_ext4_gives_back(real):
    """What it owns is found, with the helpers of quota, encryption and verity."""
    if real.tree.kernel != "6.12":
        pytest.skip("what is expected is what 6.12 does")
    started = time.process_time()
    found = real.of("ext4_evict_inode", "fs/ext4/inode.c")
    assert time.process_time() - started < 30
    freed = {deed.path for deed in found.deeds if deed.kind == "given back"}
    assert freed == {"container.jinode", "i_crypt_info", "i_dquot", "i_verity_info"}
    assert {"truncates", "clears"} <= {deed.kind for deed in found.deeds}


# --- what a tree may be like ---


def test_a_file_that_ends_in_the_middle_is_said(deeds):
    text = "\nvoid toy(struct inode *inode)\n{\n\tkfree(inode->i_link);\n\tif (inode->i_nlink"
    found = deeds(text).of("toy", "fs/toy/toy.c")
    (entry,) = found.unread
    assert (entry.at.path, entry.why) == ("fs/toy/toy.c", "the file ends in it")
    assert [deed.path for deed in found.deeds if deed.kind == "given back"] == ["i_link"]


def test_a_few_files_without_a_makefile(tmp_path):
    (tmp_path / "toy.c").write_text(
        "\nstatic void toy_free(struct inode *inode)\n{\n\tkfree(inode->i_link);\n}\n"
        "static const struct super_operations toy_ops = {\n\t.free_inode = toy_free,\n};\n"
    )
    with pytest.raises(FactsError, match="no kernel Makefile"):
        KernelDeeds(tmp_path, folders=[""])
    deeds = KernelDeeds(tmp_path, folders=[""], release="6.12")
    (table,) = deeds.tables
    assert (table.name, table.path, deeds.tag) == ("toy_ops", "toy.c", "v6.12")
    assert spell(deeds.of("toy_free", "toy.c")) == ["given back i_link"]


def test_a_tree_that_changes_while_it_is_read(deeds):
    found = deeds("\nvoid toy(struct inode *inode)\n{\n\tkfree(inode->i_link);\n}\n")
    file = found.tree.folder / "fs/toy/toy.c"
    file.write_text("int nothing;\n")
    found.tree.cache.clear()
    with pytest.raises(FactsError, match=r"fs/toy/toy\.c has changed while the tree was read"):
        found.of("toy", "fs/toy/toy.c")


def test_two_tables_of_one_name_are_two(deeds):
    table = "static const struct super_operations toy_ops = {\n\t.free_inode = toy_free,\n};\n"
    text = "static void toy_free(struct inode *inode)\n{\n\tkfree(inode->i_link);\n}\n"
    other = text.replace("i_link", "i_private")
    found = deeds(text + table, **{"fs/other/toy.c": f"\n{other}{table}"})
    tables = [table for table in found.tables if table.struct == "super_operations"]
    assert [table.path for table in tables] == ["fs/other/toy.c", "fs/toy/toy.c"]
    assert [spell(found.of("toy_free", table.path)) for table in tables] == [
        ["given back i_private"], ["given back i_link"],
    ]  # fmt: skip


def test_a_hook_that_the_tree_has_not_is_unread(deeds):
    (entry,) = deeds("").of("toy_gone", "fs/toy/toy.c").unread
    assert (entry.at.path, entry.why) == ("fs/toy/toy.c", "it is not in the tree")


def test_a_driver_with_a_filesystem_is_read_with_its_folder(deeds):
    table = "static const struct super_operations far_ops = {\n\t.free_inode = far_free,\n};\n"
    far = {
        "drivers/far/super.c": f"\n{table}",
        "drivers/far/inode.c": "\nvoid far_free(struct inode *inode)\n{\n\tkfree(inode->i_link);\n}\n",
        "drivers/other/other.c": "\nvoid other(void)\n{\n}\n",
    }
    folder = deeds("", **far).tree.folder
    found = KernelDeeds(folder, folders=[""])
    assert spell(found.of("far_free", "drivers/far/super.c")) == ["given back i_link"]
    assert "other" not in found.index.functions
