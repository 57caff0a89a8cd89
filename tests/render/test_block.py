"""One block of the matrix for a slide: every cell a word, names beside rows and columns."""

import re

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.model import CLEANUPS, METADATA
from gmemviz.render.block import FULL, draw_block, film_of_block, row_id, word
from gmemviz.study import matrix

ROWS = [row for row in matrix(["7.3"], mounts=["own"]) if row["placement"] == "containing-struct"]
LIT = ("evict-after-truncate", "free-all")


def test_the_block_has_its_cells_and_every_name():
    drawing = draw_block(ROWS, "containing-struct")
    cells = [node for node in drawing.nodes if node.id.startswith("cell__")]
    assert len(cells) == len(ROWS) == len(CLEANUPS) * len(METADATA)
    said = {node.label.strip("\ue000\ue001") for node in drawing.nodes}
    assert {*CLEANUPS, *METADATA} <= said
    assert "free-all: right for 3 of 10 kinds: flags, rcu-blob, alloc-time-blob" in drawing.alt


def test_a_cell_is_a_word_that_fits_and_tells_a_lost_inode_from_lost_metadata():
    words = {row["code"]: word(row) for row in ROWS}
    assert max(map(len, words.values())) <= FULL
    assert words[None] == "✓"
    assert (words["leak"], words["inode-leak"], words["wrong-cache"]) == ("leak", "inode", "cache")


def test_rows_are_lit_one_by_one():
    film = film_of_block(ROWS, "containing-struct", LIT)
    assert [frame["roles"] for frame in film.frames] == [{}, *({row_id(one): "now"} for one in LIT)]
    assert film.frames[1]["sentence"] == "right for 7 of 10 kinds."
    assert film.moment == 0
    ids = re.findall(r'id="(row__\w+)"', film.drawings[0].svg)
    assert sorted(ids) == sorted(map(row_id, CLEANUPS))


def test_other_words_are_refused():
    with pytest.raises(UnknownNameError, match="containing-struct"):
        draw_block(ROWS, "containing_struct")
    with pytest.raises(UnknownNameError, match="free-all"):
        film_of_block(ROWS, "containing-struct", ["free_all"])
