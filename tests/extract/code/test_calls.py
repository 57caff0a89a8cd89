import textwrap

import pytest

from gmemviz.extract.code.calls import raw_calls
from gmemviz.extract.code.guards import innermost
from gmemviz.extract.code.lexer import tokenize


def calls(text, hooks=("hook",)):
    """Return the calls of a body as `name guard`."""
    found = raw_calls(tokenize("{" + textwrap.dedent(text) + "}"), hooks)
    guards = [innermost(raw.frames, raw.name if raw.member else "") for raw in found]
    return [f"{r.name} {g.guard if g else ''}".strip() for r, g in zip(found, guards, strict=True)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a(); b();", ["a", "b"]),
        ("a(b(), c);", ["a", "b"]),
        ("if (a()) b(); else c(); d();", ["a", "b if", "c else", "d"]),
        ("if (x) { a(); } else if (b()) { c(); }", ["a if", "b else", "c if"]),
        ("for (a(); b(); c()) d(); e();", ["a", "b", "c", "d loop", "e"]),
        ("while (a()) b(); do c(); while (d());", ["a", "b loop", "c loop", "d"]),
        ("do { a(); } while (0);", ["a"]),
        ("list_for_each_entry(i, h, l) a(i);", ["list_for_each_entry", "a loop"]),
        ("each_toy(i) { a(i); } b();", ["each_toy", "a loop", "b"]),
        ("switch (a()) { case 1: b(); break; default: c(); } d();", ["a", "b case", "c case", "d"]),
        # What an earlier check may have skipped.
        ("if (x) return; a();", ["a early-exit"]),
        ("if (x) goto out; a(); out: b();", ["a early-exit", "b"]),
        ("if (x) return; if (y) goto out; a(); out: b();", ["a early-exit", "b early-exit"]),
        ("again: a(); if (x) goto again; b();", ["a", "b"]),
        ("while (x) { if (y) continue; a(); } b();", ["a early-exit", "b"]),
        ("while (x) { if (y) return; } b();", ["b early-exit"]),
        ("switch (x) { case 1: return; case 2: a(); } b();", ["a case", "b early-exit"]),
        ("if (x) { if (y) return; a(); } b();", ["a early-exit", "b early-exit"]),
        # Operators are conditions too.
        ("x = a() && b() || c();", ["a", "b if", "c if"]),
        ("x = a() ? b() : c(); d();", ["a", "b if", "c else", "d"]),
        ("f(x && a(), b());", ["f", "a if", "b"]),
        # Hooks.
        ("if (o->hook) o->hook(); else a();", ["hook hook-set", "a hook-unset"]),
        ("if (!o->hook) a(); else o->hook();", ["a hook-unset", "hook hook-set"]),
        ("if (o->hook) return o->hook(); a();", ["hook hook-set", "a hook-unset"]),
        ("if (!o->hook) return; a();", ["a hook-set"]),
        ("if (o && o->hook) o->hook(); else a();", ["hook hook-set", "a hook-unset"]),
        ("if (x && o->hook) o->hook(); else a();", ["hook hook-set", "a else"]),
        ("x = o->hook ? o->hook() : a();", ["hook hook-set", "a hook-unset"]),
        ("if (likely(o->hook)) o->hook();", ["hook hook-set"]),
        ("if (o->hook == NULL) a();", ["a hook-unset"]),
        ("if (o->hook & 1) a();", ["a if"]),
        # What only looks like a call.
        ("return (x); sizeof(y); x = a / (b);", []),
        ("void (*fn)(int) = x; int (*other)(void);", []),
        ('a("b()"); /* c() */ // d()\n e();', ["a", "e"]),
        ("x = ({ int y = a(); b(y); });", ["a", "b"]),
        ("struct toy t = { .x = a(), .y = { b() } }; c();", ["a", "b", "c"]),
        # Both branches of an #if stay, unless both close one brace.
        ("\n#ifdef A\na();\n#else\nb();\n#endif\nc();", ["a", "b", "c"]),
        ("\n  #  if A\n\ta();\n  #endif\nb();", ["a", "b"]),
        ("\n#ifdef A\nif (x) {\n#else\nif (y) {\n#endif\na(); }\nb();", ["a if", "b"]),
    ],
)
def test_guards(text, expected):
    assert calls(text) == expected


def test_deep_nesting_ends():
    assert calls("{" * 5000 + "a();" + "}" * 5000) == []
    assert calls("x = " + "(" * 5000 + "a()" + ")" * 5000 + ";") == ["a"]


def test_long_chain_of_else_if():
    text = "if (x) a(); " + "else if (y) b(); " * 3000
    assert len(calls(text)) == 3001
