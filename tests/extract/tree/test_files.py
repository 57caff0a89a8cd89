"""Extract a tree that somebody works in: what is no file to be read is skipped, and said."""

import json
import os
import socket
import stat

import pytest

from gmemviz.errors import FactsError, UnknownNameError
from gmemviz.extract import extract
from gmemviz.extract.tree.files import LONGEST_MAKEFILE
from gmemviz.extract.tree.tree import LARGEST
from gmemviz.facts import encoding

pytestmark = pytest.mark.timeout(60)
NOBODY = 65534


def link_to_nowhere(path):
    path.symlink_to("somebody@machine.1234:5678")


def link_to_itself(path):
    path.symlink_to(path.name)


def link_to_a_folder(path):
    path.symlink_to(path.parent)


def fifo(path):
    os.mkfifo(path)


def link_to_a_fifo(path):
    os.mkfifo(path.parent / "pipe")
    path.symlink_to("pipe")


def device(path):
    try:
        os.mknod(path, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root may make a device")


def listening(path, monkeypatch):
    monkeypatch.chdir(path.parent)  # a socket's name may have 107 bytes
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)


@pytest.mark.parametrize("name", ["lock.c", ".#inode.c", "lock.h"])
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (link_to_nowhere, "a link that leads nowhere"),
        (link_to_itself, "a link that leads nowhere"),
        (link_to_a_folder, "a folder"),
        (fifo, "a FIFO"),
        (link_to_a_fifo, "a FIFO"),
        (device, "a device"),
    ],
)
def test_what_is_no_file_is_skipped_with_the_reason(write_tree, make, why, name):
    folder = write_tree()
    whole = extract(folder)
    make(folder / "fs/toyfs" / name)
    found = extract(folder)
    assert found.skipped == ((f"fs/toyfs/{name}", why),)
    assert dict(found.functions) == dict(whole.functions)
    assert found.tables == whole.tables


def test_a_socket_too(write_tree, monkeypatch):
    folder = write_tree()
    listening(folder / "fs/toyfs/listening.c", monkeypatch)
    assert extract(folder).skipped == (("fs/toyfs/listening.c", "a socket"),)


@pytest.mark.parametrize("name", ["Makefile", "Kbuild"])
def test_a_makefile_that_is_no_file(write_tree, name):
    folder = write_tree()
    fifo(folder / "fs/toyfs" / name)
    assert extract(folder).skipped == ((f"fs/toyfs/{name}", "a FIFO"),)


def test_a_tree_whose_makefile_is_a_fifo_is_none(write_tree):
    folder = write_tree()
    (folder / "Makefile").unlink()
    fifo(folder / "Makefile")
    with pytest.raises(FactsError, match="has no kernel Makefile"):
        extract(folder)


def test_links_to_folders_are_not_followed_and_are_said(write_tree):
    folder = write_tree()
    link_to_a_folder(folder / "fs/again")
    assert extract(folder).skipped == (("fs/again", "a link to a folder"),)


def test_a_link_to_a_file_is_read(write_tree):
    folder = write_tree()
    (folder / "fs/toyfs/linked.c").symlink_to("../inode.c")
    found = extract(folder, roots=["fs/toyfs/linked.c"])
    assert found.skipped == ()
    assert found.function("iput", "fs/toyfs/linked.c").path == "fs/toyfs/linked.c"


@pytest.mark.parametrize("name", [b"toy\xff.c", b"toy\x1b[31m.c", b"toy\n.c", b"toy\xff"])
def test_names_that_cannot_be_printed(write_tree, name):
    folder = write_tree()
    path = os.path.join(os.fsencode(folder), b"fs", name)  # noqa: PTH118 - a Path is text
    if name.endswith(b".c"):
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
    else:
        os.mkdir(path)  # noqa: PTH102 - as above
    ((said, why),) = extract(folder).skipped
    assert why == "a name that cannot be printed"
    assert said.isprintable()
    assert said.isascii()


def test_what_was_skipped_goes_into_the_snapshot(write_tree, tmp_path):
    folder = write_tree()
    fifo(folder / "fs/pipe.c")
    path = tmp_path / "x.json.gz"
    encoding.write(extract(folder), path)
    assert encoding.read(path).skipped == (("fs/pipe.c", "a FIFO"),)


def skipped_by_nobody(folder):
    """Return what somebody without rights skips, who stands in the tree already."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.chdir(folder)
            if os.geteuid() == 0:
                os.setgroups([])
                os.setgid(NOBODY)
                os.setuid(NOBODY)
            os.write(write, json.dumps(extract(type(folder)(), whole_tree=True).skipped).encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as answer:
        said = answer.read()
    os.waitpid(child, 0)
    return json.loads(said)


def test_what_is_not_ours_to_read(write_tree):
    folder = write_tree(
        fs__hidden__one="\nint one(void)\n{\n}\n", fs__two="\nint two(void)\n{\n}\n"
    )
    (folder / "fs/toyfs/Makefile").write_text("obj-y += super.o\n")
    folder.chmod(0o755)
    hidden = ("fs/hidden", "fs/toyfs/Makefile", "fs/two.c")
    for path in hidden:
        (folder / path).chmod(0)
    try:
        assert skipped_by_nobody(folder) == [[path, "Permission denied"] for path in hidden]
    finally:
        (folder / "fs/hidden").chmod(0o700)


def test_a_file_without_end(write_tree):
    folder = write_tree()
    (folder / "fs/large.c").touch()
    os.truncate(folder / "fs/large.c", LARGEST + 1)  # takes no room on the disk
    assert extract(folder).skipped == (("fs/large.c", "File too large"),)


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="there is no /proc")  # noqa: PTH110
@pytest.mark.parametrize("name", ["status.c", "status.h", "Makefile"])
def test_a_link_to_a_file_that_the_kernel_makes_up(write_tree, name):
    folder = write_tree()
    (folder / "fs/toyfs" / name).symlink_to("/proc/self/status")
    said = "a link to a file without a size"
    assert extract(folder).skipped == ((f"fs/toyfs/{name}", said),)


def test_an_empty_file_is_read(write_tree):
    folder = write_tree()
    (folder / "fs/empty.c").touch()
    assert extract(folder).skipped == ()


def test_a_makefile_without_end(write_tree):
    folder = write_tree()
    (folder / "fs/toyfs/Makefile").touch()
    os.truncate(folder / "fs/toyfs/Makefile", LONGEST_MAKEFILE + 1)
    assert extract(folder).skipped == (("fs/toyfs/Makefile", "File too large"),)


def test_a_file_that_goes_away_while_the_tree_is_read(write_tree):
    folder = write_tree(fs__gone="\nint gone(void)\n{\n}\n")

    def remove(*_step):
        (folder / "fs/gone.c").unlink(missing_ok=True)

    found = extract(folder, progress=remove)
    assert found.skipped == (("fs/gone.c", "No such file or directory"),)
    assert found.has_function("iput")


def test_a_folder_that_the_tree_has_not_is_refused(write_tree):
    folder = write_tree()
    with pytest.raises(UnknownNameError, match=r"'fs/toyfz'.*fs/toyfs"):
        extract(folder, folders=["fs/toyfz"])
    assert extract(folder, folders=["fs/", "include"]).has_function("iput")


@pytest.mark.timeout(20)
def test_conditionals_without_end_take_no_time(write_tree):
    folder = write_tree(fs__deep="#ifdef CONFIG_MMU\n" * 100_000 + "\nint deep(void)\n{\n}\n")
    assert extract(folder, roots=["fs/deep.c"]).has_function("deep")
