"""A guest's files come whole, in folders, and as the same bytes every time."""

from gmemviz.record.boot.initramfs import archive

HEAD = 110


def members(data):
    while data:
        fields = [int(data[at : at + 8], 16) for at in range(6, HEAD, 8)]
        mode, size, length = fields[1], fields[6], fields[11]
        assert data.startswith(b"070701")
        start = (HEAD + length + 3) // 4 * 4
        name = data[HEAD : HEAD + length - 1].decode()
        yield name, mode, data[start : start + size]
        data = data[start + (size + 3) // 4 * 4 :]


def test_an_archive_holds_the_files_and_their_folders_first():
    found = list(members(archive({"job/list": b"abc", "init": b"\x7fELF"})))
    assert found == [
        ("job", 0o040755, b""),
        ("init", 0o100755, b"\x7fELF"),
        ("job/list", 0o100644, b"abc"),
        ("TRAILER!!!", 0, b""),
    ]


def test_an_archive_is_the_same_every_time():
    assert archive({"a": b"1", "b": b"2"}) == archive({"b": b"2", "a": b"1"})


def test_every_member_begins_at_four_bytes_and_has_a_number_of_its_own():
    data = archive({"a": b"1", "bc": b"12345"})
    assert len(data) % 4 == 0
    heads = [at for at in range(0, len(data), 4) if data[at : at + 6] == b"070701"]
    assert [int(data[at + 6 : at + 14], 16) for at in heads] == [1, 2, 3]
