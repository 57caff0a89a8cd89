"""What is committed works elsewhere: nothing names one machine, one user or one mirror."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
NOT_OURS = {
    ".git", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache", "__pycache__",
    ".ipynb_checkpoints", "build", "dist", "out",
}  # fmt: skip
OF_ONE_MACHINE = re.compile(r"(?<![\w.~-])/(home|root|Users)/\w|file:///\w")
OF_ONE_MIRROR = re.compile(r"https?://[^\s/]*(pypi|pythonhosted|npmjs|debian)\b|--index-url")


def files(folder=ROOT):
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name not in NOT_OURS:
            yield from files(entry)
        elif entry.is_file():
            yield entry


def texts():
    for file in files():
        content = file.read_bytes()
        if file != Path(__file__) and b"\0" not in content:
            yield file.relative_to(ROOT), content.decode()


def test_no_machine_paths():
    here = re.compile(re.escape(f"{ROOT}/"))
    assert [
        str(name) for name, text in texts() if OF_ONE_MACHINE.search(text) or here.search(text)
    ] == []


def test_no_registry_hosts():
    assert [str(name) for name, text in texts() if OF_ONE_MIRROR.search(text)] == []


def test_every_file_is_text_with_a_last_newline_or_a_picture():
    odd = [name for name, text in texts() if text and not text.endswith("\n")]
    assert [
        str(name) for name in odd if name.suffix in {".py", ".toml", ".md", ".js", ".css"}
    ] == []


def test_licence_is_mit():
    assert (ROOT / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
