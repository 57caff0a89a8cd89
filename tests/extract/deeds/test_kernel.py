"""A whole tree: where things are beside each other, and what real functions do."""

import time

import pytest

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
