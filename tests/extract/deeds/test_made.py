"""Functions that macros make, and names that macros join."""

import pytest

from gmemviz.extract.deeds.made import calls_of, expanded, functions_in, is_maker, joined
from tests.extract.deeds.conftest import spell

MAKER = """
#define TOY_FIELD(name, type)				\\
static inline void toy_drop_##name(struct toy *toy)	\\
{							\\
	kfree(toy->name);				\\
	toy->name = NULL;				\\
}							\\
static inline type toy_get_ ## name(struct toy *toy)	\\
{							\\
	return toy->name;				\\
}
#define DROP(toy, what) toy_drop_##what(toy)
"""


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("toy_drop_body(TOY_I(inode));", ["given back container.body", "emptied container.body"]),
        ("kfree(toy_get_other(TOY_I(inode)));", ["given back container.other"]),
        ("DROP(TOY_I(inode), body);", ["given back container.body", "emptied container.body"]),
        ("DROP(TOY_I(inode), body);\nDROP(TOY_I(inode), other);",
         ["given back container.body", "emptied container.body", "given back container.other",
          "emptied container.other"]),
    ],
)  # fmt: skip
def test_what_a_macro_makes_is_read(of_body, body, expected):
    found = of_body(body, f"{MAKER}TOY_FIELD(body, char *)\nTOY_FIELD(other, char *);\n")
    assert spell(found) == expected
    assert found.unread == ()


def test_it_stands_where_the_macro_was_called(deeds):
    text = f"{MAKER}\nTOY_FIELD(body, char *)\n"
    found = deeds(text).of("toy_drop_body", "fs/toy/toy.c")
    lines = (deeds(text).tree.folder / "fs/toy/toy.c").read_text().splitlines()
    assert lines[found.line - 1] == "TOY_FIELD(body, char *)"
    assert [deed.at.line for deed in found.deeds if deed.kind == "given back"] == [found.line]


def test_a_name_that_no_call_makes_is_unread(of_body):
    (entry,) = of_body("toy_drop_rest(TOY_I(inode));", f"{MAKER}TOY_FIELD(body, char *)\n").unread
    assert entry.why == "it is neither in the tree nor in api.toml"


def test_the_pieces():
    body = "static int toy_##name(int bit) \\\n{ return name##_of(bit); }"
    assert is_maker(body.encode())
    assert not is_maker(b"do_##name(x)")
    given = {"name": "dirty", "bit": "TOY_BIT"}
    made = expanded(body, given)
    assert made == "static int toy_dirty(int TOY_BIT)  { return dirty_of(TOY_BIT); }"
    assert joined("get_##what(bit, what)", {"what": "body", "bit": "x"}) == "get_body(bit, what)"
    ((place, head, tokens),) = functions_in(made, "fs/toy.c", 7)
    assert (place.name, place.at) == ("toy_dirty", 7)
    assert head == "toy_dirty ( int TOY_BIT )"
    assert tokens.words[:2] == ["{", "return"]
    text = b"int x;\nTOY_BIT(dirty, 1)\n\tTOY_BIT(inner, 2);\n"
    assert [match[2] for match in calls_of(["TOY_BIT"], text)] == [b"dirty, 1"]
    assert list(calls_of([], text)) == []
