"""A fragment is filled in as it stands, line by line."""

import pytest

from gmemviz.translate.c import fragments
from gmemviz.translate.c.fragments import fill

CHOICES = """\
@ A remark is no part of a fragment.
@one
always $word
#if first
first
#if inner || other
inner
#else
not inner
#endif
#elif !second
neither
#else
second
#endif
$lines
end

@two
of two
"""


@pytest.fixture
def said(monkeypatch, tmp_path):
    (tmp_path / "fragments.c").write_text(CHOICES)
    monkeypatch.setattr(fragments, "files", lambda _: tmp_path)
    for cached in (fragments._fragments, fragments._chosen):
        cached.cache_clear()
    yield lambda **words: fill("one", {"word": "x", "lines": [], **words}).splitlines()
    for cached in (fragments._fragments, fragments._chosen):
        cached.cache_clear()


def test_lines_are_chosen_as_in_c(said):
    assert said() == ["always x", "neither", "end"]
    assert said(second=True) == ["always x", "second", "end"]
    assert said(first=True, second=True) == ["always x", "first", "not inner", "end"]
    assert said(first=True, other=True) == ["always x", "first", "inner", "end"]


def test_a_word_that_is_empty_is_not_true(said):
    assert said(second="") == said()


def test_lines_take_as_many_lines_as_they_are(said):
    assert said(lines=["a", "", "b"])[-4:] == ["a", "", "b", "end"]


def test_a_fragment_ends_where_the_next_begins(said):
    assert said()[-1] == "end"
    assert fill("two", {}) == "of two"


def test_a_word_that_is_missing_is_an_error_and_no_text():
    with pytest.raises(KeyError, match="own"):
        fill("kind", {"says": [" * a kind"]})


def test_every_fragment_is_closed_and_has_no_line_of_another_language():
    for name, lines in fragments._fragments().items():
        assert sum(line.startswith("#if") for line in lines) == lines.count("#endif"), name
        assert not [line for line in lines if line.startswith("#") and line.split()[0] not in (
            "#if", "#elif", "#else", "#endif", "#include"
        )]  # fmt: skip
