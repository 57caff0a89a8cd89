"""Deeds written by hand, as `extract` would read them."""

import pytest

from gmemviz.derive import TableRead
from gmemviz.facts import Deed, FunctionDeeds, OpsTable, Source, Tested

AT = Source("fs/toy/super.c", 10, "toy", "v6.12")


def deed(kind, path, *ways, via="", member=False, later=""):
    return Deed(kind, path, (AT,), via, member, tuple(ways) or ((),), later)


def asked(kind, about="inode", *, negated=False, key=""):
    return Tested(kind, about, negated, "", key)


@pytest.fixture
def read():
    """Return a function that makes what was read of a table: each hook with its deeds."""

    def made(module_exit=None, beside=None, unread=(), *, has_pages=True, **hooks):
        functions = {}
        for hook, deeds in hooks.items():
            functions[hook] = FunctionDeeds(f"toy_{hook}", AT.path, 5, tuple(deeds), tuple(unread))
        slots = tuple((hook, f"toy_{hook}") for hook in hooks)
        table = OpsTable("toy_ops", "super_operations", AT.path, 3, slots, "toyfs")
        ends = module_exit and FunctionDeeds("toy_exit", AT.path, 9, tuple(module_exit))
        return TableRead(table, "6.12", functions, beside or {}, ends or None, has_pages)

    return made
