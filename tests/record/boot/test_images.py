"""An image is what the host's mkfs makes, sent without its zeros."""

import struct

import pytest

from gmemviz.errors import MissingToolError, RecordingError
from gmemviz.record.boot import images
from gmemviz.record.boot.images import BLOCK, ImageRow, image

ENTRY = 8 + BLOCK


def made_by(monkeypatch, tmp_path, script, mebibytes=1):
    """Let a script be the mkfs of an image."""
    program = tmp_path / "mkfs.mine"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    row = ImageRow((str(program), "-q"), mebibytes, "mine-progs")
    monkeypatch.setitem(images.IMAGES, "mine", row)


def unpacked(packed):
    """Return what the guest makes of it (driver/image.c)."""
    (size,) = struct.unpack_from("<Q", packed)
    made = bytearray(size)
    for at in range(8, len(packed), ENTRY):
        (number,) = struct.unpack_from("<Q", packed, at)
        made[number * BLOCK : (number + 1) * BLOCK] = packed[at + 8 : at + ENTRY]
    return bytes(made)


def test_blocks_of_zeros_are_not_sent(monkeypatch, tmp_path):
    put = 'printf magic | dd of="$2" bs=1 seek=12288 conv=notrunc 2>/dev/null'
    made_by(monkeypatch, tmp_path, put)
    packed = image("mine")
    assert len(packed) == 8 + ENTRY
    assert unpacked(packed) == bytes(12288) + b"magic" + bytes((1 << 20) - 12288 - 5)


def test_a_mkfs_that_is_not_there_is_named_with_its_package(monkeypatch):
    monkeypatch.setitem(images.IMAGES, "mine", ImageRow(("mkfs.none",), 1, "none-progs"))
    with pytest.raises(MissingToolError, match=r"mkfs\.none: apt-get install none-progs\Z"):
        image("mine")


def test_what_mkfs_refuses_is_said_in_one_sentence(monkeypatch, tmp_path):
    made_by(monkeypatch, tmp_path, "echo one >&2; echo 'too small' >&2; exit 3")
    with pytest.raises(RecordingError, match=r"mkfs\.mine makes no image: too small\Z"):
        image("mine")


def test_a_mkfs_that_hangs_is_ended(monkeypatch, tmp_path):
    made_by(monkeypatch, tmp_path, "sleep 60")
    monkeypatch.setattr(images, "LIMIT", 0.5)
    with pytest.raises(RecordingError, match=r"was not done in 0\.5 s"):
        image("mine")
