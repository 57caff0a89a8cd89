import textwrap

import pytest

from gmemviz.extract.code.definitions import definitions


def found(text):
    source = textwrap.dedent(text).encode()
    return [
        (d.name, source.count(b"\n", 0, d.at) + 1, d.static, d.inline) for d in definitions(source)
    ]


@pytest.mark.parametrize(
    ("text", "name", "line"),
    [
        ("\nint plain(void)\n{\n\treturn 0;\n}\n", "plain", 2),
        ("\nstruct inode *\nsplit(int a,\n      int b)\n{\n}\n", "split", 3),
        ("\nint brace_on_the_line(void) {\n}\n", "brace_on_the_line", 2),
        ("\nint locked(struct toy *t)\n\t__must_hold(&t->lock)\n{\n}\n", "locked", 2),
        ("\n__printf(1, 2) void printing(char *f, ...)\n{\n}\n", "printing", 2),
        ("\nint commented(int a, /* first; */\n\t      int b) /* = */\n{\n}\n", "commented", 2),
        ("\nint choosing(\n#ifdef CONFIG_TOY\n\tint a,\n#endif\n\tint b)\n{\n}\n", "choosing", 2),
        ("\nSYSCALL_DEFINE1(toy, int, fd)\n{\n}\n", "sys_toy", 2),
        ("\nDEFINE_FREE(x, struct x *, put(_T))\nint after(void)\n{\n}\n", "after", 3),
        ("int first_line(void)\n{\n}\n", "first_line", 1),
    ],
)
def test_heads(text, name, line):
    assert [(entry[0], entry[1]) for entry in found(text)] == [(name, line)]


def test_stub_on_one_line_does_not_swallow_the_next():
    names = found("\nstatic inline int stub(void) { return 0; }\nint next(void)\n{\n}\n")
    assert names == [("stub", 2, True, True), ("next", 3, False, False)]


def test_noinline_is_not_inline():
    assert found("\nstatic noinline void slow(void)\n{\n}\n") == [("slow", 2, True, False)]


def test_structs_and_functions_are_told_apart():
    text = b"\nstruct toy {\n\tint (*call)(void);\n};\n\nint use(struct toy *t)\n{\n}\n"
    assert [(d.name, d.is_struct) for d in definitions(text)] == [("toy", True), ("use", False)]


def test_tables_and_macros_are_no_functions():
    text = "\nstatic int array[] = {\n\t1,\n};\n#define BODY(x) \\\nint x(void) \\\n{ \\\n}\nTRACE_EVENT(toy, {\n});\n"
    assert found(text) == []
