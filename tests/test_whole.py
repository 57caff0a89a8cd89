"""One writer: what stands there is kept what it is, and whole whatever happens."""

import errno
import os
import resource
import signal
import socket
import stat
import threading
from pathlib import Path

import pytest

from gmemviz.errors import OutputError
from gmemviz.whole import open_regular, refuse_target, write_whole

IS_ROOT = os.geteuid() == 0


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def old(tmp_path):
    file = tmp_path / "old"
    file.write_bytes(b"old")
    return file


@pytest.mark.parametrize("bits", [0o600, 0o640, 0o644, 0o755])
def test_the_mode_of_an_old_file_is_kept(old, bits):
    old.chmod(bits)
    write_whole(old, b"new")
    assert (old.read_bytes(), mode(old)) == (b"new", bits)
    assert list(old.parent.iterdir()) == [old]


@pytest.mark.parametrize("mask", [0o022, 0o077, 0o027])
def test_a_new_file_has_the_mode_of_any_other(tmp_path, mask):
    before = os.umask(mask)
    try:
        write_whole(tmp_path / "new", b"")
        (tmp_path / "other").touch()
    finally:
        os.umask(before)
    assert mode(tmp_path / "new") == mode(tmp_path / "other") == 0o666 & ~mask


@pytest.mark.skipif(not IS_ROOT, reason="only root may give files away")
def test_the_owner_of_an_old_file_is_kept(old):
    os.chown(old, 12345, 23456)
    write_whole(old, b"new")
    assert (old.stat().st_uid, old.stat().st_gid) == (12345, 23456)


def test_an_owner_that_cannot_be_kept_takes_no_rights_along(old, monkeypatch):
    def refuse(*_):
        raise PermissionError(errno.EPERM, "no")

    old.chmod(0o6755)
    monkeypatch.setattr(os, "fchown", refuse)
    write_whole(old, b"new")
    assert mode(old) == 0o755


@pytest.mark.parametrize("links", [1, 3])
def test_a_symlink_stays_and_its_end_is_written(old, links):
    old.chmod(0o600)
    link = old
    for number in range(links):
        made = old.with_name(f"link{number}")
        made.symlink_to(link.name)
        link = made
    write_whole(link, b"new")
    assert link.is_symlink()
    assert (old.read_bytes(), mode(old)) == (b"new", 0o600)


def test_a_symlink_to_nothing_makes_its_end(tmp_path):
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/file")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "there" / "file").read_bytes() == b"new"
    assert (tmp_path / "link").is_symlink()


def test_another_name_of_the_file_keeps_the_old_text(old):
    other = old.with_name("other")
    other.hardlink_to(old)
    write_whole(old, b"new")
    assert (old.read_bytes(), other.read_bytes()) == (b"new", b"old")


def make_loop(path):
    path.symlink_to(path.name)


def make_socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(str(path))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (Path.mkdir, "Is a directory"),
        (make_socket, "it is a socket, not a regular file"),
        (os.mkfifo, "nobody reads it"),
        (make_loop, "Too many levels of symbolic links"),
        pytest.param(
            lambda path: os.mknod(path, stat.S_IFBLK | 0o600, os.makedev(7, 99)),
            "it is a block device, not a regular file",
            marks=pytest.mark.skipif(not IS_ROOT, reason="only root makes devices"),
        ),
    ],
)
def test_what_is_no_file_is_refused_and_stays(tmp_path, monkeypatch, make, said):
    monkeypatch.chdir(tmp_path)  # a socket's path has to be short
    path = Path("x")
    make(path)
    before = path.lstat()
    with pytest.raises(OutputError, match=f"^cannot write x: {said}$"):
        write_whole(path, b"new")
    after = path.lstat()
    assert (after.st_ino, after.st_mode) == (before.st_ino, before.st_mode)
    assert [*Path().iterdir()] == [path]


@pytest.mark.skipif(not IS_ROOT, reason="only root makes devices")
def test_a_device_is_written_into_and_stays_one(tmp_path):
    node = tmp_path / "null"
    os.mknod(node, stat.S_IFCHR | 0o666, os.makedev(1, 3))
    try:
        write_whole(node, b"new")
    except OutputError as error:  # a folder may be mounted without devices
        assert "Permission denied" in str(error)  # noqa: PT017
    assert stat.S_ISCHR(node.lstat().st_mode)
    assert list(tmp_path.iterdir()) == [node]


def test_a_fifo_is_written_into_where_somebody_reads(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    got = []
    os.set_blocking(reader, True)
    first = os.open(fifo, os.O_WRONLY)  # so that the reader waits for the second
    thread = threading.Thread(target=lambda: got.append(os.fdopen(reader, "rb").read()))
    thread.start()
    data = b"x" * 200_000  # more than the kernel keeps for a reader
    write_whole(fifo, data)
    os.close(first)
    thread.join(10)
    assert got == [data]
    assert stat.S_ISFIFO(fifo.lstat().st_mode)


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError(errno.ENOSPC, "full"), MemoryError])
@pytest.mark.parametrize("step", ["fsync", "fchmod"])
def test_nothing_is_left_behind_whatever_happens(old, monkeypatch, step, failure):
    def fail(*_):
        raise failure

    monkeypatch.setattr(os, step, fail)
    with pytest.raises(OutputError if isinstance(failure, OSError) else failure):
        write_whole(old, b"new")
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


def test_a_disk_that_takes_no_more_leaves_the_old_file(old):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OutputError, match="File too large"):
            write_whole(old, b"x" * 100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert old.read_bytes() == b"old"
    assert list(old.parent.iterdir()) == [old]


def test_the_unfinished_file_is_new_private_and_not_to_be_guessed(old, monkeypatch):
    seen = []

    def look(fd):
        names = {path.name for path in old.parent.iterdir()} - {"old"}
        seen.append((names.pop(), stat.S_IMODE(os.fstat(fd).st_mode)))

    old.chmod(0o600)
    monkeypatch.setattr(os, "fsync", look)
    write_whole(old, b"1")
    write_whole(old, b"2")
    names, modes = zip(*seen, strict=True)
    assert names[0] != names[1]
    assert str(os.getpid()) not in names
    assert set(modes) == {0o600}


def test_the_longest_of_names_can_be_written(tmp_path):
    write_whole(tmp_path / ("x" * 255), b"new")
    assert [len(path.name) for path in tmp_path.iterdir()] == [255]


@pytest.mark.parametrize("kind", ["symlink", "fifo", "file"])
def test_what_came_meanwhile_is_not_put_away(old, monkeypatch, kind):
    def swap(_):
        old.unlink()
        if kind == "symlink":
            old.symlink_to("victim")
        elif kind == "fifo":
            os.mkfifo(old)
        else:
            other = old.with_name("other")
            other.write_bytes(b"theirs")
            other.rename(old)

    victim = old.with_name("victim")
    victim.write_bytes(b"victim")
    keep = os.open(old, os.O_RDONLY)  # so that its number is not given to another
    monkeypatch.setattr(os, "fsync", swap)
    with pytest.raises(OutputError, match="changed meanwhile"):
        write_whole(old, b"new")
    os.close(keep)
    assert victim.read_bytes() == b"victim"
    assert {path.name for path in old.parent.iterdir()} == {"old", "victim"}


@pytest.mark.parametrize("spelling", ["in", "./in", "link", "hard", "sub/../in"])
def test_an_input_is_not_written_over(tmp_path, monkeypatch, spelling):
    monkeypatch.chdir(tmp_path)
    Path("in").write_bytes(b"input")
    Path("link").symlink_to("in")
    Path("hard").hardlink_to("in")
    Path("sub").mkdir()
    for read in ("in", "link"):
        with pytest.raises(OutputError, match=r"it is read from .*, and would be lost"):
            write_whole(Path(spelling), b"new", reads=[Path(read)])
        with pytest.raises(OutputError, match="would be lost"):
            refuse_target(Path(spelling), reads=[Path(read)])
    assert Path("in").read_bytes() == b"input"


def test_of_a_folder_that_is_read_no_file_is_written_over(tmp_path):
    inner = tmp_path / "tree" / "fs" / "inode.c"
    inner.parent.mkdir(parents=True)
    inner.write_bytes(b"source")
    with pytest.raises(OutputError, match="would be lost"):
        write_whole(inner, b"new", reads=[tmp_path / "tree"])
    write_whole(inner.with_name("new"), b"new", reads=[tmp_path / "tree", tmp_path / "nothing"])
    assert inner.read_bytes() == b"source"


@pytest.mark.skipif(IS_ROOT, reason="root may write everywhere")
def test_what_may_not_be_written_is_not_replaced(old):
    old.chmod(0o400)
    with pytest.raises(OutputError, match="Permission denied"):
        write_whole(old, b"new")
    assert old.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("nowhere/x", "there is no folder"),
        ("file/x", "Not a directory"),
        ("a\0b", "embedded null byte"),
    ],
)
def test_a_target_is_refused_before_the_work(tmp_path, name, said):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=said):
        refuse_target(tmp_path / name)
    refuse_target(tmp_path / "fine")
    assert not (tmp_path / "fine").exists()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_only_regular_files_are_opened(tmp_path, make):
    path = tmp_path / "x"
    make(path)
    with pytest.raises(OSError, match=r"directory|a FIFO"):
        open_regular(path)
    path = tmp_path / "file"
    path.write_bytes(b"text")
    with open_regular(path) as file:
        assert file.read() == b"text"
