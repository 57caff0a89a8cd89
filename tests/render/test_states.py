"""The inode's states: what cells say of it, and the steps between them that were searched."""

import pytest

from gmemviz.model import check, design_from_choices
from gmemviz.model.machine import ABSENT, AWAITING, FREED, HELD, I_CLEAR, I_FREEING
from gmemviz.render.states import phase, state_diagram
from gmemviz.study import gallery


@pytest.mark.parametrize(
    ("status", "flags", "count", "words"),
    [
        (ABSENT, 0, None, "not there"),
        (HELD, 0, None, "allocated"),
        (HELD, 0, 1, "i_count > 0"),
        (HELD, 0, 0, "i_count 0"),
        (HELD, I_FREEING, 0, "I_FREEING"),
        (HELD, I_FREEING | I_CLEAR, 0, "I_FREEING | I_CLEAR"),
        (AWAITING, I_FREEING | I_CLEAR, 0, "waits for RCU"),
        (FREED, 0, 0, "freed"),
    ],
)
def test_the_phase_is_what_the_cells_say(status, flags, count, words):
    cells = {"inode": status, "inode.i_state": flags, "inode.i_count": count}
    assert phase(cells) == words


def test_a_correct_teardown_passes_each_phase_by_the_function_that_does_it():
    drawing = state_diagram(check(gallery("guest_memfd-7.3"), keep_moves=True))
    lines = drawing.alt.splitlines()
    assert "I_FREEING -> I_FREEING | I_CLEAR: clear_inode" in lines
    assert "waits for RCU -> freed: free_inode" in lines
    assert not [node for node in drawing.nodes if node.shape == "octagon"]
    ids = {node.id for node in drawing.nodes}
    assert {edge.tail for edge in drawing.edges} | {edge.head for edge in drawing.edges} == ids


def test_a_defect_is_a_node_that_a_phase_ends_in():
    design = design_from_choices(
        kernel="7.3", mount="own", placement="i_private", cleanup="none", metadata="resv_map"
    )
    drawing = state_diagram(check(design, keep_moves=True))
    (defect,) = [node for node in drawing.nodes if node.shape == "octagon"]
    assert (defect.id, defect.label) == ("state__leak", "⚠ leak")
    assert drawing.alt.splitlines()[-1].endswith("-> defect leak: end of the run")
    (edge,) = [edge for edge in drawing.edges if edge.head == "state__leak"]
    assert edge.id == f"state_e__{edge.tail.removeprefix('state__')}__leak"
