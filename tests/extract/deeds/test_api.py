"""The rows of the kernel's own functions: their words are known, their places are there."""

import re

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.extract.deeds import API, Api


def test_a_row_is_found_by_name_or_by_the_macro_that_makes_it():
    assert API.row("kmem_cache_free").of == 1
    assert API.row("trace_toy_evict").section == "prefix"
    assert API.row("toy_free") is None


def test_a_users_own_rows():
    api = Api({"given back": {"toy_put": {"of": 1, "at": "fs/toy/toy.c:toy_put"}}})
    assert api.row("toy_put").of == 1


@pytest.mark.parametrize(
    "table",
    [{"gvien back": {}}, {"given back": {"toy_put": {"off": 1, "at": "x:y"}}}],
)
def test_a_wrong_word_is_refused(table):
    with pytest.raises(UnknownNameError, match="did you mean"):
        Api(table)


@pytest.mark.kernel_tree
def test_every_row_stands_where_it_says(kernel_folder):
    """A row of 6.12 is looked up in that tree; others may have moved."""
    if "SUBLEVEL = 117" not in (kernel_folder / "Makefile").read_text():
        pytest.skip("the rows name places of 6.12.117")
    missing = []
    for name, row in (API.rows | API.prefixes).items():
        path, _, function = row.at.partition(":")
        text = (kernel_folder / path).read_text(errors="replace")
        if not re.search(rf"\b{re.escape(function)}\b", text):
            missing.append(name)
    assert missing == []
