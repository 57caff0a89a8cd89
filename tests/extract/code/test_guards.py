import pytest

from gmemviz.extract.code.guards import Frame, condition_frames, innermost, negated, operand_frame
from gmemviz.extract.code.lexer import tokenize

HOOKS = {"evict"}


def frames(text):
    tokens = tokenize(text)
    found = condition_frames(tokens, 0, len(tokens.words), HOOKS)
    return [" ".join(filter(None, (frame.guard, frame.hook))) for frame in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x", ["if"]),
        ("evict", ["hook-set evict"]),
        ("o->evict", ["hook-set evict"]),
        ("!o->evict", ["hook-unset evict"]),
        ("o->evict == NULL", ["hook-unset evict"]),
        ("o->evict != NULL", ["hook-set evict"]),
        ("!(o->evict != NULL)", ["if"]),
        ("unlikely(!o->evict)", ["hook-unset evict"]),
        ("((o->evict))", ["hook-set evict"]),
        ("sb->s_op->unknown", ["hook-set unknown"]),  # s_op is what a table is called
        ("sb->stops->unknown", ["if"]),
        ("sb->root->unknown", ["if"]),
        ("o->evict && x", ["if", "hook-set evict"]),
        ("o && o->evict", ["hook-set evict"]),
        ("o->evict || x", ["if"]),
        ("o->evict > 3", ["if"]),
        ("get(o)->evict", ["if"]),
        ("1", ["if"]),
    ],
)
def test_classes(text, expected):
    assert frames(text) == expected


def test_the_other_branch():
    assert negated(Frame("hook-set", "evict")) == Frame("hook-unset", "evict")
    assert negated(Frame("else")) == Frame("if")
    assert negated(Frame("loop"), frozenset({"return"})) == Frame("loop", "", frozenset({"return"}))


def test_innermost_prefers_the_test_of_the_hook_itself():
    outer, inner = Frame("hook-set", "evict"), Frame("if")
    assert innermost((outer, inner), "evict") == outer
    assert innermost((outer, inner)) == inner
    assert innermost(()).guard == ""


def test_an_operand_is_a_part_of_its_words():
    words = tokenize("x && !o->evict").words
    assert operand_frame(words, 2, len(words), HOOKS) == Frame("hook-unset", "evict")
    assert operand_frame(words, 0, 1, HOOKS) == Frame("if")
