"""What an inode owns, as C: its locks, its counts, and what a kernel lacks."""

from dataclasses import replace

from gmemviz.model import Design
from gmemviz.translate.c.names import cannot_write
from gmemviz.translate.c.source import module_source
from tests.model.test_language import design_of
from tests.translate.c.texts import GOLDEN, cell, every_cell, functions


def test_what_needs_a_lock_takes_it_and_what_is_scarce_is_counted():
    text = functions(module_source(GOLDEN["pointer"]))
    assert "mutex_lock(&your_attributes_tree_lock)" in text["your_attributes_tree_free"]
    text = functions(module_source(GOLDEN["container"]))
    assert "spin_lock(&policy->lock)" in text["your_shared_policy_free"]
    text = functions(module_source(GOLDEN["xarray"]))
    assert "atomic_inc" in text["your_hugetlb_subpool_free"]
    assert "wait_in_a_corner" in text["your_hugetlb_subpool_free"]


def test_a_designs_own_metadata_is_written_from_what_it_needs():
    design = Design.from_text("""
        name = "mine"
        kernel = "6.12"
        mount = "own"
        metadata.tree = { placement = "i_private", release = "sleeping lock", scarce = true }
        hooks.destroy_inode = ["free tree", "free struct"]
    """)
    found = functions(module_source(design))
    assert "mutex_lock(&your_tree_lock)" in found["your_tree_free"]
    assert "atomic_dec_if_positive(&your_tree_left)" in found["your_tree_alloc"]
    assert found["your_destroy_inode"].index("your_tree_free") < found["your_destroy_inode"].index(
        "free_inode_nonrcu"
    )


def test_what_a_kernel_lacks_is_said_in_the_text():
    old = cell("i_private_data", "none", "resv_map")
    new = cell("i_private_data", "none", "resv_map", kernel="7.3")
    assert "has no such field" not in module_source(old)
    assert "struct address_space of 7.3 has no such field" in module_source(new)


def test_texts_for_two_kernels_differ_only_where_their_facts_do():
    differ = set()
    for design in every_cell():
        if design.kernel != "6.12" or cannot_write(design):
            continue
        texts = (module_source(design), module_source(replace(design, kernel="7.3")))
        old, new = (text.partition("\n */\n")[2] for text in texts)  # below the title
        if old != new:
            differ.add(design.keeps[0].placement.name)
    assert differ == {"i_private_data"}


def test_the_creators_error_path_clears_a_word_and_frees_an_object():
    design = Design.from_text("""
        name = "mine"
        kernel = "6.12"
        mount = "own"
        unwinds = ["flags", "tree"]
        metadata.flags = { placement = "containing-struct", owns_object = false }
        metadata.tree = { placement = "global-xarray" }
        hooks.alloc_inode = ["alloc container", "init flags"]
        hooks.free_inode = ["free struct"]
    """)
    assert functions(module_source(design))["your_unwind"].splitlines() == [
        "\tyour_inode_of(inode)->flags = 0;",
        "\tif (your_tree_of(inode))",
        "\t\tyour_tree_free(your_tree_of(inode));",
        "\txa_erase(&your_xarray, (unsigned long)inode);",
    ]


def test_what_is_counted_begins_with_the_pointers_own_reference():
    text = module_source(design_of('hooks.destroy_inode = ["put blob"]'))
    assert "kref_init(&blob->count);" in functions(text)["your_blob_alloc"]
    assert "your_blob_free(" in functions(text)["your_blob_last"]
    assert "kref" not in module_source(design_of('hooks.destroy_inode = ["free blob"]'))


def test_what_a_body_attaches_the_mount_does_not():
    info = 'metadata.info = { placement = "s_fs_info" }\n'
    text = functions(module_source(design_of(f'{info}hooks.put_super = ["free info"]')))
    assert "your_attach_to_sb(" in text["your_mount"]
    late = f'{info}hooks.release = ["attach info"]\nhooks.put_super = ["free info"]'
    text = functions(module_source(design_of(late)))
    assert "your_attach_to_sb" not in text
    assert "sb->s_fs_info = info;" in text["your_does_release"]
