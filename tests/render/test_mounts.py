"""What a mount decides: whose table the inode leads to, and what becomes of the metadata."""

from gmemviz import check, design_from_choices
from gmemviz.model import MOUNTS
from gmemviz.render.mounts import draw_mounts

POLICY = {"kernel": "6.12", "placement": "i_private", "metadata": "shared_policy"}


def drawn(cleanup):
    choices = {**POLICY, "cleanup": cleanup}
    return draw_mounts([check(design_from_choices(mount=name, **choices)) for name in MOUNTS])


def boxes(drawing, number):
    return {n.id.rpartition("__")[0]: (n.look, n.label) for n in drawing.nodes
            if n.id.endswith(f"__{number}") and not n.id.startswith("words")}  # fmt: skip


def test_each_mount_leads_to_its_own_table_or_to_none():
    drawing = drawn("evict-after-truncate")
    own, anon, static = (boxes(drawing, number) for number in range(3))
    assert own["s_op"] == ("hook", "your super_operations\nevict_inode: your_evict_inode")
    assert anon["s_op"] == ("vfs", "simple_super_operations\nevict_inode: NULL")
    assert anon["lost"][0] == static["s_op"][0] == "idle"
    assert static["sb"][0] == "defect"
    assert "kept" not in static


def test_what_becomes_of_the_metadata_is_what_was_searched():
    drawing = drawn("evict-after-truncate")
    assert boxes(drawing, 0)["kept"] == ("freed", "shared_policy\nfreed in evict_inode")
    assert boxes(drawing, 1)["kept"] == ("leaked", "shared_policy\nnever freed")
    assert "anon-inode: shared_policy is still allocated" in drawing.alt
    heads = {edge.head for edge in drawing.edges}
    assert heads == {"sb__0", "s_op__0", "kept__0", "sb__1", "s_op__1", "sb__2"}


def test_another_hook_is_named_as_it_is():
    assert "destroy_inode: your_destroy_inode" in boxes(drawn("destroy+free"), 0)["s_op"][1]
