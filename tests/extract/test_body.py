import pytest

from gmemviz.extract import extract
from gmemviz.extract.body import BodyReader, read_function
from gmemviz.extract.index import Index
from gmemviz.extract.tree.tree import Tree


def edges(folder, body):
    """Return the calls of a function with this body as (callee, kind, guard, struct or hook)."""
    text = f"\nvoid start(struct inode *inode, void (*chosen)(int))\n{{\n{body}\n}}\n"
    (folder / "fs/start.c").write_text(text)
    calls = extract(folder, roots=["start"]).function("start").calls
    return [(call.callee, call.kind, call.guard, call.struct or call.hook) for call in calls]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("guard(toy)(&x);", ["toy_lock", "toy_unlock"]),
        ("scoped_guard(toy, &x) { inner(); }", ["toy_lock", "toy_unlock", "inner"]),
        ("struct inode *i __free(toy_put) = get();", ["toy_put", "get"]),
        ("void (*f)(struct folio *); f = m->a_ops->free_folio; if (f) f(x);", ["free_folio"]),
        ("int (*f)(void) = &iput; f();", ["iput"]),
        ("int (*f)(void); choose(&f); f();", ["choose"]),
        ("chosen(1);", []),
        ("kref_put(&x->ref, iput);", ["kref_put", "iput"]),
        (
            "INIT_WORK(&x->work, iput); schedule_work(&x->work);",
            ["INIT_WORK", "iput", "schedule_work", "iput"],
        ),
    ],
)
def test_ways_to_call(write_tree, body, expected):
    text = "\nvoid start(void (*chosen)(int))\n{\n" + body + "\n}\n"
    found = extract(write_tree(fs__start=text), roots=["start"])
    assert [call.callee for call in found.function("start").calls] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("iput(inode);", [("iput", "direct", "", "")]),
        ("toy_get(inode);", [("toy_get", "inline", "", "")]),
        ("toy_alloc(sb, cache);", [("toy_alloc", "inline", "", "")]),
        (
            "if (x->s_op->drop_inode) x->s_op->drop_inode(inode); else drop(inode);",
            [
                ("drop_inode", "ops", "hook-set", "super_operations"),
                ("drop", "default", "hook-unset", "drop_inode"),
            ],
        ),
        # A hook that the body only asks for has no default.
        ("if (!x->i_op->open) drop(inode);", [("drop", "direct", "hook-unset", "")]),
        (
            "void (*f)(struct folio *) = m->a_ops->free_folio; if (f) f(x); else drop(x);",
            [
                ("free_folio", "ops", "hook-set", "address_space_operations"),
                ("drop", "default", "hook-unset", "free_folio"),
            ],
        ),
        (
            "if (x) call_rcu(&inode->i_rcu, iput);",
            [("call_rcu", "direct", "if", ""), ("iput", "deferred", "if", "")],
        ),
        ("call_rcu(&inode->i_rcu, nowhere);", [("call_rcu", "direct", "", "")]),
        (
            "call_void_hook(inode_free_security, inode);",
            [("inode_free_security", "ops", "", "security_list_options")],
        ),
        ("int *x __cleanup(drop) = 0;", [("drop", "direct", "", "")]),
    ],
)  # fmt: skip
def test_kinds_and_guards(write_tree, body, expected):
    assert edges(write_tree(), body) == expected


@pytest.fixture
def reader(write_tree):
    headers = """
        DEFINE_GUARD_COND(toy, _try, toy_trylock(_T))
        DEFINE_FREE(toy_put, struct inode *, other_put(_T))
        INIT_WORK(&toy->work, toy_shrink);
        """
    tree = Tree(write_tree(fs__own=headers))
    index = Index(tree)
    for path in tree.files([""]):
        index.add(path)
    index.add_macros(["include/linux/fs.h"])
    return BodyReader(index)


def test_scope_classes_of_the_file_come_before_those_of_headers(reader):
    assert reader.scope_class("__free toy_put", "fs/own.c").leave == ("other_put",)
    assert reader.scope_class("__free toy_put", "fs/inode.c").leave == ("toy_put",)
    assert reader.scope_class("nonsense", "fs/inode.c") == ((), (), "")


def test_a_scope_class_leaves_as_the_one_that_it_extends(reader):
    found = reader.scope_class("toy_try", "fs/own.c")
    assert (found.enter, found.leave) == (("toy_trylock",), ("toy_unlock",))


def test_a_callback_is_known_in_its_file(reader):
    assert reader.callback_of("work", "fs/own.c") == "toy_shrink"
    assert reader.callback_of("work", "fs/inode.c") == ""


def test_a_macro_is_read_as_a_function(reader):
    function = read_function(reader, "toy_alloc", reader.index.place("toy_alloc"))
    assert [call.callee for call in function.calls] == ["kmem_cache_alloc"]
    assert {call.line for call in function.calls} == {function.line}
