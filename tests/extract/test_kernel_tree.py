"""Extract a real tree and hold the result against its text and the snapshot."""

import re

import pytest

from gmemviz import facts
from gmemviz.extract import extract
from gmemviz.extract.code.cleanup import SCOPE_MACROS
from gmemviz.extract.names import AT_ONCE, HANDED_OVER, QUEUES
from gmemviz.extract.tree.build import Build

pytestmark = [pytest.mark.kernel_tree, pytest.mark.timeout(900)]
TABLE = re.compile(
    r"^[\w \t]*struct\s+super_operations\s+(?:__\w+\s+)*\w+\s*(?:__\w+\s*)*=\s*\{", re.MULTILINE
)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
NOT_CODE = ("Documentation", "scripts", "tools", "samples", "usr", "rust")


@pytest.fixture(scope="module")
def folder(kernel_folder):
    return kernel_folder


@pytest.fixture(scope="module")
def found(folder):
    return extract(folder)


def test_every_line_names_what_it_is_said_to_call(found, folder):
    texts = {}
    wrong = []
    later = HANDED_OVER.keys() - AT_ONCE.keys()
    for group in found.functions.values():
        for function in group:
            if function.path not in texts:
                text = (folder / function.path).read_text(errors="replace")
                texts[function.path] = text.split("\n")
            lines = texts[function.path]
            assert function.name.removeprefix("sys_") in lines[function.line - 1]
            wrong += [
                (function.path, call.line, call.callee)
                for call in function.calls
                if call.callee not in lines[call.line - 1]
                # A scope macro, a queued work item and a copied hook do not name their callee.
                and call.kind in ("direct", "inline", "default")
                and not any(
                    word in lines[call.line - 1] for word in (*SCOPE_MACROS, *later, *QUEUES)
                )
            ]
    assert len(wrong) <= 5, wrong


def test_number_of_tables_is_that_of_a_search(found, folder):
    count = 0
    for path in folder.rglob("*.[ch]"):
        if path.relative_to(folder).parts[0] not in NOT_CODE:
            text = path.read_text(errors="replace")
            if "super_operations" in text:
                count += len(TABLE.findall(COMMENT.sub("", text)))
    assert facts.census(found).tables == count


def left_out(folder):
    """Return the files that Makefiles leave out under OPTIONS, read from the folder anew."""
    build = Build()
    for makefile in sorted(folder.rglob("Makefile")):
        inside = makefile.parent.relative_to(folder)
        if not (makefile.parent / "Kbuild").exists() and inside.parts[:1] != ("tools",):
            build.add(inside.as_posix(), makefile.read_text(errors="replace"))
    return {path for path in build.left - build.kept if not path.endswith("/")}


def test_no_function_is_of_a_file_that_the_makefiles_leave_out(found, folder):
    out = {path for path in left_out(folder) if (folder / f"{path}.c").is_file()}
    assert {"mm/nommu", "fs/proc/task_nommu", "fs/ramfs/file-nommu", "kernel/up"} <= out
    assert len(out) > 40
    for facts_of in (found, facts.load("6.12"), facts.load("7.3")):
        functions = {one.path for group in facts_of.functions.values() for one in group}
        tables = {table.path for table in facts_of.tables}
        assert not {path.removesuffix(".c") for path in functions | tables} & out


def test_a_clean_tree_is_read_whole(found):
    assert found.skipped == ()


def test_snapshot_says_the_same(found):
    if found.kernel not in facts.kernels() or facts.load(found.kernel).release != found.release:
        pytest.skip(f"no snapshot of {found.release} is shipped")
    shipped = facts.load(found.kernel)
    assert found.tables == shipped.tables
    assert found.fields == shipped.fields
    # The shipped one also holds what the other kernel's roads reach.
    assert all(shipped.functions[name][0] == group[0] for name, group in found.functions.items())
