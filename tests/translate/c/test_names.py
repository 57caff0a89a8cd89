"""Names that C can take, and what cannot be written."""

import re

import pytest

from gmemviz.model import Design
from gmemviz.model.design.actions import EXAMPLES, VERBS
from gmemviz.model.design.limits import C_KEYWORDS
from gmemviz.translate.c.names import (
    UNWRITTEN,
    Names,
    cannot_write,
    is_played,
    not_written,
    word,
)
from gmemviz.translate.c.source import module_source
from tests.model.test_language import design_of
from tests.translate.c.texts import functions, own


@pytest.mark.parametrize("name", ["inode", "register", "my-inode", "2nd", "error", "static"])
def test_a_name_that_c_has_already_becomes_another(name):
    found = functions(module_source(own(name)))
    (freed,) = [body for function, body in found.items() if function.endswith("_free")]
    variable = re.search(r"kmem_cache_free\(\w+, (\w+)\)", freed)[1]
    assert variable.startswith("m_")
    assert f"your_{name}_cache" not in module_source(own(name)) or name not in ("inode", "2nd")


@pytest.mark.parametrize("name", ["__init", "_a", "__asm__", "_", "__", "fallthrough", "notrace"])
def test_no_name_is_one_of_the_compilers_or_a_macro_of_the_kernels(name):
    assert word(name) == f"m_{name}"


@pytest.mark.parametrize("name", ["tree_", "tree-", "tree__", "_", "__", "__tree__", "8_", "_-_"])
def test_each_name_has_a_variable(name):
    (kept,) = own(name).keeps
    found = Names("your", own(name)).of(kept)
    assert all(re.fullmatch("[a-z]+[a-z0-9_]*", found[name]) for name in "xv")
    assert not {found["x"], found["v"]} & C_KEYWORDS


def test_a_name_that_c_lets_pass_stays():
    assert "struct your_tree *tree = your_tree_of(inode);" in module_source(own("tree"))


def test_two_kinds_of_one_name_in_c_are_refused():
    text = """
        name = "mine"
        kernel = "6.12"
        mount = "own"
        metadata.a-b = { placement = "containing-struct" }
        metadata.a_b = { placement = "containing-struct" }
        hooks.free_inode = ["free a-b", "free a_b", "free struct"]
    """
    assert cannot_write(Design.from_text(text)) == "two kinds of metadata would be called a_b in C"


def test_a_word_that_is_given_back_under_a_lock_is_refused():
    assert "by clearing it alone" in cannot_write(own("flags", release='"sleeping lock"'))
    assert cannot_write(own("flags")) == ""


def test_what_each_file_has_for_itself_is_refused_by_its_name():
    table = {"placement": "file-private_data", "per_file": True}
    head = {"kernel": "6.12", "mount": "own", "metadata": {"cursor": table}}
    assert "for per_file: cursor" in cannot_write(Design.from_table("a cursor", head))


@pytest.mark.parametrize("line", ["attach blob", "attach blob unless set"])
def test_who_attaches_late_is_played_and_the_creator_leaves_it_alone(line):
    design = design_of(f'hooks.release = ["{line}"]')
    assert is_played(design)
    assert "alloc" not in functions(module_source(design))["your_attach"]


@pytest.mark.parametrize("verb", VERBS)
def test_each_word_is_written_as_c_or_refused_by_its_name(verb):
    """A word that was left out would have a kernel judge another Design than the model did."""
    design, reason = design_of(EXAMPLES[verb]), not_written(design_of(EXAMPLES[verb]))
    bodies = design.bodies.values()
    says = [str(action) for body in bodies for action in body if action.verb == verb]
    assert (reason == "") == (verb not in UNWRITTEN)
    assert not reason or [word for word in says if word in reason]


LATE_WORD = """
metadata.flag = { placement = "i_private", owns_object = false }
hooks.release = ["attach flag"]
actors.reader = { holds = "rcu", does = ["read flag"] }
"""
BIRTH = "hooks.alloc_inode = ['alloc container', 'init blob', '"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('metadata.blob = { placement = "i_private", by_i_mapping = true }', "by_i_mapping"),
        ('hooks.evict_inode = ["truncate", "clear_inode", "hand over blob"]', "hand over blob"),
        ("unbinds = []", "the binding of memslots"),
        (LATE_WORD, "a word that a body attaches, and one reads: flag"),
        (f"{BIRTH}sleep']", "what alloc_inode says: sleep"),
        (f"{BIRTH}if symlink: attach blob']", "alloc_inode says: if symlink: attach blob"),
        (f"{BIRTH}read blob', 'attach blob unless set']", "read blob; attach blob unless set"),
        (
            (
                'callbacks.later = { runs = "task work", does = ["sleep"] }\n'
                'hooks.release = ["queue later"]'
            ),
            "task work: later",
        ),
        (
            (
                'callbacks.later = { runs = "worker", does = ["free blob"] }\n'
                'hooks.release = ["queue later"]'
            ),
            "by which RCU frees a single object: later",
        ),
        (
            (
                'callbacks.later = { does = ["free blob", "sleep"] }\n'
                'hooks.destroy_inode = ["call_rcu later"]'
            ),
            "by which RCU frees a single object: later",
        ),
        (
            (
                'metadata.other = { placement = "i_private" }\nlists = ["all"]\n'
                'hooks.release = ["put blob on all", "put other on all", "walk all"]'
            ),
            "a list of several kinds: all",
        ),
        (
            'actors.user = { does = ["get blob", "get blob unless zero", "put blob"] }',
            "actor user, which holds two references to blob",
        ),
    ],
)
def test_what_has_no_c_is_refused_by_its_name(line, reason):
    assert reason in not_written(design_of(line))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            'actors.early = { from = "alloc", does = ["sleep"] }',
            "begins before the inode is attached",
        ),
        ('actors.marker = { holds = "mark", does = ["sleep"] }', "no actor that holds a mark"),
        ('named = true\nlists = []\nkinds = ["symlink"]', "no name in a directory"),
        ('hooks.unlink = ["clear blob"]', "no unlink that does something"),
        ('metadata.blob = { placement = "d_fsdata", read_by = ["lockless reader"] }', "dentry"),
    ],
)
def test_what_the_driver_has_no_step_for_is_refused_by_its_name(line, reason):
    assert reason in cannot_write(design_of(line))


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ('metadata.acl = { placement = "i_acl" }', "the driver has no i_acl of the kernel's"),
        ('metadata.key = { placement = "i_crypt_info" }', "the driver has no i_crypt_info of"),
        ('unbinds = ["failed store"]', "the binding of memslots"),
    ],
)
def test_what_no_module_can_do_is_refused_by_name(line, reason):
    assert reason in cannot_write(Design.from_text(f'kernel = "6.12"\nmount = "own"\n{line}'))
