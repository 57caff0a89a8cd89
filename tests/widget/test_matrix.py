"""The MatrixExplorer's Python side: a cell's verdict, run and still, and nothing left behind."""

import html
import re
import sys
from itertools import product

import pytest
from ipywidgets.widgets.widget import _instances

from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.frontend import STATIC, script
from gmemviz.render.matrix import cell_id
from gmemviz.study import matrix, told
from gmemviz.widget import MatrixExplorer
from gmemviz.widget import matrix as widget
from gmemviz.widget.ask_linux import NOT_ASKED
from gmemviz.widget.matrix import _Picture

PLACES = ("i_private-flags", "i_private", "containing-struct")
CLEANUPS = ("evict-before-truncate", "destroy+free")
KINDS = ("shareability-tree", "shared_policy")


@pytest.fixture(scope="module")
def rows():
    few = [*product(("6.12", "7.3"), ("own", "anon-inode"), PLACES, CLEANUPS, KINDS)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[matrix.__module__], "cells", lambda *_, **__: iter(few))
        return matrix()


@pytest.fixture
def explorer(rows):
    explorer = MatrixExplorer(rows=rows)
    yield explorer
    explorer.close()


def click(explorer, placement, cleanup, metadata, mount="own"):
    """Do what the browser does."""
    words = {"mount": mount, "placement": placement, "cleanup": cleanup, "metadata": metadata}
    explorer._picture.cell = cell_id(words)


def test_it_starts_with_the_newest_kernel_and_no_cell(explorer):
    assert explorer.choices == {"kernel": "7.3", "mount": "own"}
    assert explorer.report is explorer.player is None
    assert explorer.drawing.title.startswith("Kernel 7.3, own mount: 12 cells, simulated; ")
    assert explorer._picture.svg == explorer.drawing.svg
    assert sum(map(len, explorer._picture.grid)) == 12


def test_a_click_plays_the_counterexample(explorer):
    click(explorer, "i_private", "evict-before-truncate", "shareability-tree")
    assert explorer.report.defects == ("use-after-free",)
    assert (
        "⚠ use-after-free</b> shareability-tree is freed in evict_inode" in explorer._verdict.value
    )
    player = explorer.player
    assert explorer._below.children == (player,)
    assert player.film["frames"][player.index]["defect"] == "use-after-free"
    click(explorer, "containing-struct", "destroy+free", "shared_policy")
    assert explorer.player is player
    assert "✓ correct</b> shared_policy is freed in destroy_inode" in explorer._verdict.value
    assert "(a judgement): each undo" in explorer._verdict.value
    assert player.film["title"].startswith("7.3, own mount, shared_policy in containing-struct")


def test_what_is_no_design_has_its_reason_and_no_player(explorer):
    click(explorer, "i_private", "evict-before-truncate", "shareability-tree")
    click(explorer, "i_private-flags", "destroy+free", "shared_policy")
    assert (
        "i_private-flags holds bits, and shared_policy needs a pointer" in explorer._verdict.value
    )
    assert explorer._below.children == ()
    click(explorer, "containing-struct", "destroy+free", "shared_policy")
    assert explorer._below.children == (explorer.player,)


BAD = ("i_private", "evict-before-truncate", "shareability-tree")


def said(kernel="7.3", mount="own"):
    """Return what a kernel said of the cell that most tests click."""
    return told((kernel, mount, *BAD), ("use-after-free",))


def test_a_click_shows_what_the_kernel_said(explorer):
    click(explorer, *BAD)
    assert said().startswith("confirmed on 7.3.")
    assert all(html.escape(line) in explorer._verdict.value for line in said().splitlines())
    explorer.choose(kernel="6.12")
    assert said().splitlines()[0] not in explorer._verdict.value
    assert said("6.12").splitlines()[0] in explorer._verdict.value
    explorer.choose(mount="anon-inode")
    assert "confirmed on" not in explorer._verdict.value
    assert html.escape(NOT_ASKED) in explorer._verdict.value
    assert explorer._repr_mimebundle_()[0]["text/plain"].endswith(f"\n{NOT_ASKED}")


def test_what_is_no_design_is_asked_of_no_kernel(explorer):
    click(explorer, *BAD)
    click(explorer, "i_private-flags", "destroy+free", "shared_policy")
    assert "gm-said" not in explorer._verdict.value
    assert "model only" not in explorer._repr_mimebundle_()[0]["text/plain"].split("\n\n")[-1]


def test_what_the_kernel_said_stays_text(explorer, monkeypatch):
    monkeypatch.setattr(widget, "told", lambda *_: "</div><script>hit=1</script>\n<img src=x>")
    click(explorer, *BAD)
    assert "<script" not in explorer._verdict.value
    assert "<img" not in explorer._verdict.value
    assert "&lt;script&gt;hit=1&lt;/script&gt;" in explorer._verdict.value


def test_a_cell_that_is_not_there_chooses_none(explorer):
    click(explorer, "i_private", "evict-before-truncate", "shareability-tree")
    explorer._picture.cell = "cell__<script>"
    assert explorer.report is None
    assert explorer._verdict.value == ""


def test_a_toggle_keeps_the_cell_and_checks_it_anew(explorer):
    click(explorer, "i_private", "evict-before-truncate", "shareability-tree")
    explorer._toggles["kernel"]._buttons["6.12"].value = True
    assert explorer.report.design.kernel == "6.12"
    explorer._toggles["mount"]._buttons["anon-inode"].value = True
    assert explorer.choices["placement"] == "i_private"
    assert explorer._picture.cell.startswith("cell__anon_inode__i_private__evict")
    assert "unreachable-hook" in explorer.report.defects
    assert explorer.player.film["title"].startswith("6.12, anon-inode mount")
    click(explorer, "containing-struct", "destroy+free", "shared_policy", mount="anon-inode")
    assert explorer.choices["cleanup"] == "destroy+free"


def test_every_cell_of_the_picture_says_what_a_click_says(explorer, rows):
    for row in rows:
        if (row["kernel"], row["mount"]) == ("7.3", "own"):
            click(explorer, row["placement"], row["cleanup"], row["metadata"])
            assert explorer.report.why == row["why"]


def test_choose_sets_all_at_once_or_refuses(explorer):
    cell = {"placement": "i_private", "cleanup": "destroy+free", "metadata": "shared_policy"}
    explorer.choose(kernel="6.12", **cell)
    assert explorer.choices == {"kernel": "6.12", "mount": "own", **cell}
    with pytest.raises(UnknownNameError, match="unknown mount: 'home'"):
        explorer.choose(kernel="7.3", mount="home")
    with pytest.raises(UnknownNameError, match="unknown choice: 'colour'"):
        explorer.choose(colour="red")
    assert explorer.choices["kernel"] == "6.12"


def test_half_a_cell_is_refused(explorer):
    with pytest.raises(GmemvizError, match="three choices; missing: cleanup, metadata"):
        explorer.choose(placement="i_private")


def test_it_checks_what_it_was_not_given(rows, monkeypatch):
    asked = []
    monkeypatch.setattr(
        widget, "matrix", lambda kernel, mounts, **_: asked.append((*kernel, *mounts)) or rows[:12]
    )
    widget._checked.cache_clear()
    for _ in range(2):
        MatrixExplorer("6.12", rows=rows[12:]).close()
    widget._checked.cache_clear()
    assert asked == [("6.12", "own")]


def test_it_says_itself_where_no_widget_runs(explorer):
    click(explorer, "i_private", "evict-before-truncate", "shareability-tree")
    bundle, _ = explorer._repr_mimebundle_()
    assert set(bundle) == {
        "application/vnd.jupyter.widget-view+json", "text/html", "text/plain",
    }  # fmt: skip
    assert re.fullmatch(
        r'<img alt="Kernel [^"<>]+" style="[^"<>]+" src="data:image/png;base64,[\w+/=]+">',
        bundle["text/html"],
    )
    assert bundle["text/plain"].startswith("Kernel 7.3, own mount: 12 cells, simulated; ")
    assert "Verdict:    use-after-free" in bundle["text/plain"]
    assert bundle["text/plain"].endswith(f"\n{said()}")
    assert repr(explorer).startswith("MatrixExplorer(kernel='7.3', mount='own', placement=")


def test_bad_words_and_rows_make_no_widget(rows):
    before = len(_instances)
    with pytest.raises(UnknownNameError, match=r"unknown kernel: '5\.0'"):
        MatrixExplorer("5.0")
    with pytest.raises(UnknownNameError, match="unknown mount: 'home'"):
        MatrixExplorer(mount="home")
    with pytest.raises(GmemvizError, match="two rows"):
        MatrixExplorer(rows=[*rows, *rows])
    assert len(_instances) == before


def test_close_leaves_nothing(rows):
    explorer = MatrixExplorer(rows=rows)
    click(explorer, "i_private", "evict-before-truncate", "shareability-tree")
    parts = [explorer, explorer.player, explorer._picture, *explorer._toggles.values()]
    explorer.close()
    assert all(part.comm is None for part in parts)


def test_the_front_end_is_one_file_that_asks_the_network_for_nothing():
    code = script("matrix")
    assert not re.search(
        r"^\s*import\b|\bimport\(|\bfetch\(|XMLHttpRequest|innerHTML|eval\(", code, re.MULTILINE
    )
    assert set(re.findall(r"https?://[^\"'\s]+", code)) == {"http://www.w3.org/2000/svg"}
    css = (STATIC / "matrix.css").read_text()
    assert not re.search(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", css)
    assert css in _Picture._css
