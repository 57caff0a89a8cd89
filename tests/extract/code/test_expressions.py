import pytest

from gmemviz.extract.code.expressions import Expressions
from gmemviz.extract.code.lexer import tokenize


class Flat(Expressions):
    """Step over the statements of an expression."""

    def statement_expression(self, index, frames):
        return self.tokens.matching(index) + 1


def calls(text, end=None):
    walker = Flat(tokenize(text), {"hook"})
    stopped = walker.walk(0, (), end)
    return [(c.name, c.member, [f.guard for f in c.frames]) for c in walker.found], stopped


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a(b());", [("a", False, []), ("b", False, [])]),
        ("o->a(), o.b();", [("a", True, []), ("b", True, [])]),
        ("a() && b() && c();", [("a", False, []), ("b", False, ["if"]), ("c", False, ["if", "if"])]),
        ("a() || b(), c();", [("a", False, []), ("b", False, ["if"]), ("c", False, [])]),
        ("o->hook ? a() : b();", [("a", False, ["hook-set"]), ("b", False, ["hook-unset"])]),
        ("!o->hook || a();", [("a", False, ["hook-set"])]),
        ("x && f(a());", [("f", False, ["if"]), ("a", False, ["if"])]),
        ("sizeof(x) + (y) + 3 (z);", []),
        ("int (*f)(void) = a();", [("a", False, [])]),
        ("x = ({ a(); }) + b();", [("b", False, [])]),
        ('"a()" + b();', [("b", False, [])]),
    ],
)  # fmt: skip
def test_calls_and_their_guards(text, expected):
    assert calls(text)[0] == expected


def test_where_a_walk_ends():
    assert calls("a(); b();") == ([("a", False, [])], 3)
    assert calls("a() }") == ([("a", False, [])], 2)  # before the brace
    assert calls("f(;); b();")[1] == 4  # not at a semicolon in brackets
    assert calls("a(); b();", end=8)[0] == [("a", False, []), ("b", False, [])]


def test_offsets_are_of_the_name():
    text = "x = first(1) + o->second();"
    walker = Flat(tokenize(text), ())
    walker.walk(0, ())
    assert [text[call.offset :].partition("(")[0] for call in walker.found] == ["first", "second"]
