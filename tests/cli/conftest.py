"""A folder to type commands in, where nothing boots, and no picture is laid out."""

import io
import json
import lzma
import os
import subprocess
import sys
import textwrap
import zlib
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from gmemviz.cli import confirm, designs, draw, kernels, matrix, probe
from gmemviz.cli.main import main
from gmemviz.errors import choice, choices
from gmemviz.evidence import FilesystemConfirmation
from gmemviz.evidence.confirm.confirm import confirmation
from gmemviz.facts.probed import Experiment
from gmemviz.model import MOUNTS, check, design_from_choices
from gmemviz.probe import load_report
from gmemviz.record.boot import PROVOKED, session
from gmemviz.record.kernels import known_here
from gmemviz.record.text.files import DATA
from gmemviz.render import engine
from gmemviz.study import cells, designs_for
from gmemviz.study.answer import outline

DESIGN = """
kernel = "6.12"
mount = "own"
metadata.tree = { placement = "i_private", release = "sleeping lock" }
hooks.evict_inode = ["free tree"]
"""
TREE = {
    "Makefile": "VERSION = 9\nPATCHLEVEL = 8\nSUBLEVEL = 7\nEXTRAVERSION =\n",
    "include/linux/fs.h": """
        struct super_operations { void (*evict_inode)(struct inode *); };
        struct super_block { const struct super_operations *s_op; };
        struct inode { struct super_block *i_sb; };
        """,
    "fs/inode.c": """
        void pages(void) { }
        void clear(void) { pages(); }
        void lockdep_assert_held(void) { clear(); }
        void evict(struct inode *inode)
        {
            const struct super_operations *op = inode->i_sb->s_op;

            lockdep_assert_held();
            op->evict_inode(inode);
            clear();
        }
        void iput(struct inode *inode) { evict(inode); }
        """,
    "fs/toy.c": """
        static void toy_evict(struct inode *inode) { clear(); }
        void alone(void) { clear(); }
        const struct super_operations toy_ops = { .evict_inode = toy_evict };
        """,
    "mm/shmem.c": """
        static void shmem_evict(struct inode *inode) { clear(); }
        const struct super_operations shmem_ops = { .evict_inode = shmem_evict };
        """,
}


def _rows(only=(), *, mounts=(), executor=None):
    """Answer one cell of each kernel and mount."""
    tuple(cells(only, mounts=mounts))  # or refuse
    for kernel in only or ("6.12", "7.3"):
        for mount in mounts or MOUNTS:
            design = design_from_choices(
                kernel=kernel, mount=mount, placement="i_private", cleanup="none", metadata="flags"
            )
            yield {**outline(check(design)), "complete": True, "evidence": "model"}


def _here(metadata, *, executor, **more):
    return designs_for(metadata, **more)


def _echo(**said):
    words = {name: str(one) for name, one in said.items() if name != "progress"}
    if "design" in said:  # its line does not say for which kernel it is
        words["kernel"] = said["design"].kernel
    sys.stdout.write(f"{json.dumps(words)}\n")


def _confirm(design, **more):
    _echo(design=design, on=design.kernel, **more)
    return confirmation(design, "6.12.0", {})


def _of_filesystem(name, **more):
    own = choice("filesystem", name, PROVOKED)
    _echo(name=own, **more)
    return FilesystemConfirmation(own, "6.12.0", (), (), {}, {})


def _cells(kernel, **more):
    _echo(kernel=kernel, **more)
    return []


def _run(name, scenario, kernel, **more):
    _echo(name=name, modules=kernel.modules and kernel.modules.name, **more)
    return lzma.decompress((DATA / "7.3-pipe.txt.xz").read_bytes()).decode()


def _fetch_kernels(wanted, *, take_nearest, progress):
    choices("kernel", wanted, ("6.12", "7.3"))
    _echo(wanted=wanted, take_nearest=take_nearest)
    return known_here()


def _write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text))


@pytest.fixture
def typed(tmp_path, monkeypatch):
    """Return what types a line: its status, what it prints and complains of, and its files."""
    _write(tmp_path, {"mine.toml": DESIGN, "other.toml": DESIGN.replace("evict", "destroy")})
    _write(tmp_path, {"overlay.toml": '[inert]\nclear = { at = "fs/inode.c:clear" }\n'})
    for folder, lines in (("tree", ""), ("more", "\n")):
        _write(tmp_path / folder, {name: lines + text for name, text in TREE.items()})
    for kernel in ("6.12", "7.3"):
        image = tmp_path / "kernels" / kernel / "vmlinuz"
        (image.parent / "modules").mkdir(parents=True)
        image.write_bytes(bytes(0x202) + b"HdrS" + bytes(0x100) + kernel.encode() + b".0 ")
    brought = set(tmp_path.rglob("*"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GMEMVIZ_TREE", "")  # a command may set it, and it is put back
    monkeypatch.setattr(engine, "svg", _svg)
    monkeypatch.setattr(designs, "designs_for", _here)
    for place in (matrix, draw):
        monkeypatch.setattr(place, "matrix", lambda *a, **k: list(_rows(*a, **k)))
    monkeypatch.setattr(confirm, "confirm", _confirm)
    monkeypatch.setattr(confirm, "confirm_cells", _cells)
    monkeypatch.setattr(confirm, "confirm_filesystem", _of_filesystem)
    monkeypatch.setattr(session, "run", _run)
    monkeypatch.setattr(kernels, "fetch_kernels", _fetch_kernels)
    monkeypatch.setenv("GMEMVIZ_KERNELS", str(tmp_path / "kernels"))
    monkeypatch.setattr(probe, "ask_kernel", lambda: load_report("7.3"))
    monkeypatch.setattr(probe, "perform", lambda name: Experiment(name, "", None, "asked"))

    def type_line(words):
        monkeypatch.setenv("GMEMVIZ_TREE", "")
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            status = main(words)
        files = {}
        for file in sorted(set(tmp_path.rglob("*")) - brought, reverse=True):
            if file.is_dir() and not file.is_symlink():
                file.rmdir()
                continue
            said = os.fsencode(file.readlink()) if file.is_symlink() else file.read_bytes()
            files[file.name] = said.replace(bytes(tmp_path), b"~")
            file.unlink()
        return status, out.getvalue().replace(str(tmp_path), "~"), err.getvalue(), files

    return type_line


def _svg(source):
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><desc>{zlib.crc32(source.encode())}</desc></svg>'


@pytest.fixture
def run(capsys):
    """Return what types a line, and words after it: status, what is printed and complained of."""

    def run(line, *words):
        status = main([*line.split(), *map(str, words)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


@pytest.fixture
def refused(run, tmp_path, monkeypatch):
    """Return what types a line that is refused, and gives the sentence; nothing is written."""

    def refused(line, *words):
        monkeypatch.chdir(tmp_path)
        before = set(tmp_path.iterdir())
        status, out, err = run(line, *words)
        assert (status, out) == (2, "")
        assert err.count("\n") == 1
        assert set(tmp_path.iterdir()) == before
        return err

    return refused


@pytest.fixture(scope="session")
def shell():
    """Return what runs a line of bash, in which `g` is gmemviz."""
    root = str(Path(__file__).parents[2])

    def shell(line, **env):
        words = ["bash", "-c", f'g() {{ {sys.executable} -m gmemviz "$@"; }}; {line}']
        said = {"PYTHONPATH": root, "GMEMVIZ_TRACEBACK": ""}
        return subprocess.run(
            words, capture_output=True, text=True, errors="replace", check=False, timeout=120,
            env={**os.environ, **said, **env},
        )  # fmt: skip

    return shell
