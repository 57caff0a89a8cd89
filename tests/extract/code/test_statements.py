import pytest

from gmemviz.extract.code.lexer import tokenize
from gmemviz.extract.code.statements import StatementReader


def spell(statement, words):
    """Write a statement as `kind(tokens of its expression){body}{other}`."""
    own = " ".join(words[statement.first : statement.last])
    text = f"{statement.kind}({own})" if own else f"{statement.kind}{statement.name}"
    for part in (statement.body, statement.other):
        text += "{" + " ".join(spell(inner, words) for inner in part) + "}" if part else ""
    return text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("x = 1; y();", "expression(x = 1) expression(y ( ))"),
        ("if (a) b; else if (c) d; else e;",
         "if(a){expression(b)}{if(c){expression(d)}{expression(e)}}"),
        ("if (a) { return b; } c;", "if(a){block{return(b)}} expression(c)"),
        ("while (a) b; for (;;) c;", "loop(a){expression(b)} loop(; ;){expression(c)}"),
        ("do a; while (b); c;", "do(b){expression(a)} expression(c)"),
        ("do { a; } while (0);", "once(0){block{expression(a)}}"),
        ("switch (a) { case 1: b; break; default: c; }",
         "switch(a){case(1) expression(b) break case expression(c)}"),
        ("goto out; a; out: b;", "goto(out) expression(a) labelout expression(b)"),
        ("each_toy(a) { b; }", "loop(each_toy ( a )){block{expression(b)}}"),
        ("scoped_guard(a, b) c;", "expression(scoped_guard ( a , b ) c)"),
        ("scoped_guard(a, b) { c; }", "scope(scoped_guard ( a , b )){block{expression(c)}}"),
        ("x = ({ a; b; }); c;", "expression(x = ( { a ; b ; } )) expression(c)"),
        ("struct toy t = { .a = 1 }; b;", "expression(struct toy t = { . a = 1 }) expression(b)"),
    ],
)  # fmt: skip
def test_a_body_is_a_tree(text, expected):
    tokens = tokenize("{" + text + "}")
    found, end = StatementReader(tokens).statements(1)
    assert " ".join(spell(statement, tokens.words) for statement in found) == expected
    assert end == len(tokens.words)


def test_a_goto_says_where_it_goes():
    (goto, label), _ = StatementReader(tokenize("{ goto out; out: }")).statements(1)
    assert (goto.name, label.name) == ("out", "out")


def test_a_long_chain_of_else_ifs_does_not_nest():
    text = "{ if (x) a;" + " else if (y) b;" * 2000 + "}"
    found, _ = StatementReader(tokenize(text)).statements(1)
    assert len(found) == 1
