from gmemviz.extract.code.cleanup import ScopeClass, scope_classes

TEXT = b"""
DEFINE_GUARD(toy, struct toy *, toy_lock(_T), toy_unlock(_T))
DEFINE_GUARD_COND(toy, _try, toy_trylock(_T))
DEFINE_FREE(toy, struct toy *, if (!IS_ERR(_T)) toy_put(_T))
DEFINE_CLASS(file, struct toy_file, toy_close(_T), toy_open(path), const char *path)
DEFINE_LOCK_GUARD_0(world, stop_toys(), start_toys())
DEFINE_LOCK_GUARD_1(list, struct toy, _T->ops->take(_T->lock),
\t\t    toy_unlock(_T->lock))
EXTEND_CLASS(file, _quiet, toy_open_quiet(path), const char *path)
"""


def test_each_kind_of_definition():
    assert scope_classes(TEXT) == {
        "toy": ScopeClass(("toy_lock",), ("toy_unlock",)),
        "toy_try": ScopeClass(("toy_trylock",), (), "toy"),
        "__free toy": ScopeClass((), ("IS_ERR", "toy_put")),
        "file": ScopeClass(("toy_open",), ("toy_close",)),
        "world": ScopeClass(("stop_toys",), ("start_toys",)),
        "list": ScopeClass((), ("toy_unlock",)),  # a member call names nobody
        "file_quiet": ScopeClass(("toy_open_quiet",), (), "file"),
    }


def test_what_only_looks_like_a_definition():
    assert scope_classes(b"#define DEFINE_GUARD(_name, ...) x\n") == {}
    assert scope_classes(b"DEFINE_GUARD(toy)\nDEFINE_FREE(\n") == {}
    assert scope_classes(b"int toy;\n") == {}
