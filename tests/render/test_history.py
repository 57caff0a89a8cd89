"""The picture of the history says of each step what the table says."""

from gmemviz.render.history import draw_history
from gmemviz.study.history import history, history_frame


def test_the_words_beside_it_are_those_of_the_table():
    lines = draw_history().alt.splitlines()
    table = history_frame()
    assert len(lines) == len(table)
    for line, (title, row) in zip(lines, table.iterrows(), strict=True):
        assert f"{title}: {row['mount']} mount; " in line
        assert f"; {row.simulated} (" in line


def test_a_box_for_each_hook_that_is_set_and_each_verdict():
    table = history_frame()
    hooks = ["evict_inode", "destroy_inode", "free_inode"]
    boxes = [node for node in draw_history().nodes if node.id.startswith("step__")]
    assert len(boxes) == int((table[hooks] != "NULL").to_numpy().sum()) + len(table)
    assert {node.look for node in boxes if "verdict" in node.id} > {"correct", "late-release"}


def test_it_is_the_same_each_time_and_all_of_it_is_on_the_sheet(tmp_path):
    assert draw_history().dot == draw_history().dot
    svg = draw_history().svg
    for entry in history():
        assert (f">{entry.title}<" in svg or f">Linux {entry.title}<" in svg) == bool(entry.design)
    assert draw_history().save(tmp_path / "history.png").stat().st_size > 10_000
