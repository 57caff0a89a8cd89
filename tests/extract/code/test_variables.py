import pytest

from gmemviz.extract.code.lexer import tokenize
from gmemviz.extract.code.variables import aliases, called_names, parameters, pointers


def test_called_names():
    tokens = tokenize("{ o->evict(x); clear(x); s.free(y); f = other; }")
    assert called_names(tokens) == ({"evict", "free"}, {"clear"})


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("int toy(struct inode *inode, int n)", {"inode", "n"}),
        ("int toy(void (*chosen)(int), char name[])", {"chosen", "int", "name"}),
        ("int toy(void)", {"void"}),
        ("struct toy ", set()),
    ],
)
def test_parameters(head, expected):
    assert parameters(head) == expected


def test_pointers():
    assert pointers(tokenize("int (*f)(void); x = (*y); void (*g)(int) = h;")) == {"f", "g"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("f = first; f();", [["first"]]),
        ("f = &first; f();", [["first"]]),
        ("f = m->a_ops->free; f();", [["m", "a_ops", "free"]]),
        ("void (*f)(int) = first; f(1);", [["first"]]),
        ("f = x ? first : o->second; f();", [["first"], ["o", "second"]]),
        ("f = first; if (x) f = second; f();", [["first"], ["second"]]),
        ("f = first; f = first; f();", [["first"]]),
        ("f = NULL; f();", []),
        ("f = get(3) + 1; f();", []),
        ("f = first;", None),  # never called
        ("o->f = first; f();", None),  # a member, and not the variable
        ("f[0] = first; f();", None),
    ],
)
def test_aliases(text, expected):
    tokens = tokenize("{" + text + "}")
    found = aliases(tokens, called_names(tokens)[1])
    assert found.get("f") == expected
    assert set(found) <= {"f"}
