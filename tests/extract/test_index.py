import pytest

from gmemviz.extract.index import Index
from gmemviz.extract.tree.tree import Tree

STUB = "\nstatic inline void both(void) { }\n"
REAL = "\nvoid both(void)\n{\n\twork();\n\twork();\n}\n"
STATIC = "\nstatic void both(void)\n{\n\tmuch();\n\tmuch();\n\tmuch();\n}\n"


@pytest.fixture
def indexed(write_tree):
    """Return a function that indexes a tree of these files besides the usual ones."""

    def index(**files):
        tree = Tree(write_tree())
        for path, text in files.items():
            file = tree.folder / path.replace("__", "/").replace("_H", ".h").replace("_C", ".c")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        made = Index(tree)
        paths = tree.files([""])
        for path in paths:
            made.add(path)
        made.add_macros(paths)
        return made

    return index


def test_what_is_found(indexed):
    index = indexed()
    assert index.place("iput").path == "fs/inode.c"
    assert not index.place("iput").static
    assert index.place("evict").static
    assert index.struct("inode").path == "include/linux/fs.h"
    assert index.place("nonsense") is None
    assert index.struct("nonsense") is None
    assert index.ops_pointers == {
        "a_ops": "address_space_operations",
        "i_fop": "file_operations",
        "f_op": "file_operations",
        "s_op": "super_operations",
    }


def test_of_a_stub_and_the_real_one_the_longer_counts(indexed):
    index = indexed(include__both_H=STUB, mm__both_C=REAL)
    assert index.place("both", "fs/inode.c").path == "mm/both.c"


def test_a_static_function_is_its_own_files(indexed):
    index = indexed(mm__both_C=REAL, mm__own_C=STATIC)
    assert index.place("both", "mm/own.c").path == "mm/own.c"
    assert index.place("both", "fs/inode.c").path == "mm/both.c"


@pytest.mark.parametrize("other", ["arch__toy__both_C", "mm__both_test_C"])
def test_another_architecture_and_a_test_come_last(indexed, other):
    index = indexed(**{other: REAL + "\n/* */", "mm__both_C": "\nvoid both(void)\n{\n}\n"})
    assert index.place("both").path == "mm/both.c"


def test_what_no_kernel_of_interest_compiles_is_left_out(indexed):
    index = indexed(mm__both_C=f"#ifndef CONFIG_MMU{REAL}#else{STUB}#endif\n")
    assert index.size(index.place("both")) == len("{ }")


def test_macros(indexed):
    index = indexed(
        include__toy_H="#define toy_get2(x) \\\n\ttoy_get(x)\n#define TOY(x) toy(x)\n#define toy_n(x) 3\n",
        mm__toy_C="#define toy_own(x) toy(x)\n",
    )
    macro = index.place("toy_get2", "fs/inode.c")
    assert (macro.path, macro.inline) == ("include/toy.h", True)
    assert index.place("TOY") is None  # all capitals
    assert index.place("toy_n") is None  # it calls nothing
    assert index.place("toy_own", "mm/toy.c").path == "mm/toy.c"
    assert index.place("toy_own", "fs/inode.c") is None
