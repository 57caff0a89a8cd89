"""What a developer knows: taken, said beside the verdict, and refused where it means nothing."""

import tomllib

import pytest

from gmemviz.derive import (
    derive_table,
    judge_derived,
    open_tree,
    overlay_of,
    read_overlay,
    tables_of,
)
from gmemviz.derive.overlay import OF_ROWS, OF_RULES, Rule
from gmemviz.errors import DesignError, GmemvizError, UnknownNameError
from gmemviz.extract import API, ApiRow
from scripts.language import OVERLAY
from tests.derive.conftest import asked, deed
from tests.derive.test_design import END
from tests.derive.test_tree import FREED, write_tree

UNDER = "if (inode->i_flags & S_TOY)\n\t\t"
AT = "fs/toyfs/super.c:26"


@pytest.fixture
def judged(tmp_path):
    """Return the verdict on a tree with an overlay, and what the verdict assumes."""

    def judge(overlay, **changed):
        deeds = open_tree(write_tree(tmp_path, **changed), "toyfs", api=overlay.api)
        (table,) = tables_of(deeds, "toyfs")
        verdict = judge_derived(derive_table(deeds, table, overlay=overlay))
        return verdict.word, verdict.derived.assumed

    return judge


def test_a_condition_that_never_holds(judged):
    nothing = overlay_of({})
    assert judged(nothing, EVICT=UNDER + FREED)[0] == "defects"
    never = overlay_of({"never": [{"at": AT, "because": "S_TOY is gone"}]}, "mine.toml")
    word, assumed = judged(never, EVICT=UNDER + FREED)
    assert word == "correct"
    assert f"mine.toml says: {AT} never holds, because S_TOY is gone" in assumed


def test_a_condition_that_always_holds(judged):
    always = overlay_of({"always": {"at": AT}})
    assert judged(always, EVICT=UNDER + FREED, FREE="")[0] == "defects"
    (_, alone), (_, both) = judged(overlay_of({}), EVICT=""), judged(always, EVICT="")
    assert alone == both  # nothing that was read asks it, and nothing rests on it


def test_a_condition_may_be_named_by_what_it_asks(read):
    way = (asked("bad"), asked("if", "", key="x"))
    table = read(evict_inode=[*END, deed("given back", "container.a", way)])
    never, said = overlay_of({"never": [{"asks": "inode bad"}]}).on(table)
    assert [found.kind for found in never.hooks["evict_inode"].deeds] == ["truncates", "clears"]
    assert said == ("overlay says: inode bad never holds",)
    always, _ = overlay_of({"always": [{"asks": "inode bad"}]}).on(table)
    assert always.hooks["evict_inode"].deeds[-1].ways == ((way[1],),)


def test_a_helpers_meaning(judged):
    assert judged(overlay_of({}), EVICT="toy_forget(inode);")[0] == "correct as far as read"
    inert = overlay_of({"inert": {"toy_forget": {"at": "fs/toyfs/super.c:toy_forget"}}})
    word, assumed = judged(inert, EVICT="toy_forget(inode);")
    assert (word, assumed[-1]) == ("correct", "overlay says: toy_forget is inert")
    row = {"toy_put": {"of": 0, "at": "fs/toyfs/super.c:toy_put"}}
    puts = overlay_of({"given back": row})
    assert judged(puts, EVICT="toy_put(TOY_I(inode)->target);")[0] == "defects"
    assert API.row("toy_put") is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nevr = []", "line 1: unknown key of an overlay: 'nevr'"),
        ("x = 1\nnever = []", "'x'"),
        ('never = [{ att = "a:1" }]', "unknown key of a condition: 'att' (must be one of at,"),
        ("never = [{ at = 3 }]", "line 1: never: at must be text, not 3"),
        ('never = [{ because = "so" }]', "a condition needs at (path:line) or asks"),
        ("never = 3", "a condition must be a table, not 3"),
        ('["given bakc"]\na = { at = "x:a" }', "did you mean given back?"),
        ("inert = 3", "inert: it must be a table of functions, not 3"),
        ("inert.toy = 3", "toy must be a table, not 3"),
        ('[inert]\n\ntoy = { off = 1, at = "x:toy" }', "line 3: inert: unknown key of toy: 'off'"),
        ('inert.toy = { of = "1", at = "x:toy" }', "toy.of must be an argument's number from 0"),
        ('inert.toy = { of = 99, at = "x:toy" }', "toy.of must be an argument's number from 0"),
        ('inert.toy = { of = true, at = "x:toy" }', "toy.of must be an argument's number from 0"),
        ('inert.toy = { sleeps = 1, at = "x:toy" }', "toy.sleeps must be true or false"),
        ("inert.toy = { of = 1 }", "toy needs at, as path:function"),
        ("= 3", "not TOML"),
    ],
)
def test_what_means_nothing_is_refused_with_its_line(tmp_path, text, said):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises((UnknownNameError, DesignError), match=r"^mine\.toml: ") as refused:
        read_overlay(file)
    assert said in f"{refused.value}"


def test_every_key_has_words():
    assert {*OF_ROWS, "section"} == {*ApiRow._fields}
    assert {*OF_RULES, "word"} == {*Rule._fields}


def test_the_example_of_the_language_is_one():
    toml = OVERLAY.partition("```toml\n")[2].partition("```")[0]
    overlay = overlay_of(tomllib.loads(toml))
    assert (len(overlay.rules), len(overlay.rows)) == (1, 2)


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe")
    for name in ("none.toml", "bytes.toml", ""):
        with pytest.raises(GmemvizError, match="cannot read"):
            read_overlay(tmp_path / name)
