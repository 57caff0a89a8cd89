import pytest

from gmemviz.extract.deeds.summaries import argument_names


@pytest.mark.parametrize(
    ("head", "names"),
    [
        ("put(struct toy *toy, int count)", ["toy", "count"]),
        ("put(void)", []),
        ("put(void (*done)(int), char *names[])", ["done", "names"]),
        ("PUT(a, b)", ["a", "b"]),
        ("put", []),
    ],
)
def test_what_a_function_takes(head, names):
    assert argument_names(head) == names


def test_members_and_numbers(deeds):
    library = deeds("").library
    assert library.is_number("inode", ("i_nlink",), "fs/toy/toy.c")
    assert not library.is_number("inode", ("i_link",), "fs/toy/toy.c")
    assert library.is_number("inode", ("^toy.vfs_inode", "flags"), "fs/toy/toy.c")
    assert not library.is_number("unheard_of", ("x",), "fs/toy/toy.c")


def test_a_macro_is_found_in_the_headers_of_the_folder(deeds):
    library = deeds(
        "", **{"fs/toy/toy.h": "#define GET(i) container_of(i, struct toy, vfs_inode)\n"}
    ).library
    assert library.find("GET", "fs/toy/toy.c").path == "fs/toy/toy.h"
    assert library.find("GET", "fs/inode.c") is None
