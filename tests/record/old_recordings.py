"""Recordings made by hand, without probes: a crowd of inodes, told apart by structure alone."""

import json
import lzma
from pathlib import Path

from gmemviz.record import read

DATA = Path(__file__).parent / "old"
INDEX = json.loads((DATA / "index.json").read_text(encoding="utf-8"))


def recordings():
    return tuple(sorted(INDEX))


def load_recording(name):
    return read(DATA / f"{name}.txt.xz", title=f"{name}: {INDEX[name]['driver']}")


def text_of(name):
    return lzma.decompress((DATA / f"{name}.txt.xz").read_bytes()).decode()
