"""Nobody writes a file but the one writer."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# Folders that a tool makes for itself are written to as it likes.
OWN_FOLDERS = {
    "install.py",
    "qemu.py",
    "judge.py",
    "module_build.py",
    "whole.py",
}
FILES = [
    file
    for folder in ("gmemviz", "scripts")
    for file in sorted((ROOT / folder).rglob("*.py"))
    if file.name not in OWN_FOLDERS
]


def writes(tree):
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = [*node.args, *(word.value for word in node.keywords)]
        words = [one.value for one in given if isinstance(one, ast.Constant)]
        is_path = name in ("write_bytes", "savefig", "to_csv") or (
            name == "write_text" and isinstance(node.func, ast.Attribute)
        )
        if is_path or (name == "open" and {"w", "wb", "wt", "a", "ab", "x", "xb"} & {*words}):
            yield name, node.lineno


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_nobody_else_writes_files(file):
    text = file.read_text()
    guest = 'port = open("/dev/vport0p1", "wb"'  # runs in the guest, and stands in a string
    assert list(writes(ast.parse(text.replace(guest, "")))) == []


def test_who_writes_is_seen():
    text = 'p.write_text("x")\nopen(p, "wb")\np.open("w")\np.write_bytes(b"")\nlzma.open(p, "wb")'
    assert [line for _, line in writes(ast.parse(text))] == [1, 2, 3, 4, 5]
