"""-o and --record: no command writes over what it reads, nor over what is no file."""

import os
import re
from pathlib import Path

import pytest

from gmemviz.cli import confirm as confirm_command
from gmemviz.cli import draw as draw_command
from gmemviz.cli import export as export_command
from gmemviz.cli import extract as extract_command
from gmemviz.cli import main
from gmemviz.errors import OutputError
from gmemviz.record.boot.session import record

DESIGN = 'kernel = "7.3"\nmount = "own"\nmetadata.t = { placement = "i_private" }\n'
CHOICES = "--kernel 7.3 --mount own --placement i_private --cleanup none --metadata resv_map"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("a.toml", "a.html", "a.dot"):
        Path(name).write_text(DESIGN)
    for name in ("l.html", "l.dot"):
        Path(name).symlink_to("a.toml")
    return tmp_path


def snapshot(folder):
    return {
        path.name: (path.readlink() if path.is_symlink() else path.read_bytes())
        for path in folder.iterdir()
        if path.is_file()
    }


def never(*_, **__):
    raise AssertionError("it went to work all the same")


@pytest.mark.parametrize(
    "line",
    [
        "export --design a.html -o a.html",
        "export --design a.toml -o l.html",
        "export --compare a.toml guest_memfd-7.3 -o l.html",
        "export --compare guest_memfd-7.3 a.toml -o l.html",
        "draw calls --design a.dot -o a.dot",
        "draw states --design a.toml -o l.dot",
        "confirm --design a.toml --record a.toml",
        "confirm --design a.toml --record l.html",
        "extract . -o a.toml",
        "extract tree -o tree/inode.c",
    ],
)
def test_an_input_is_refused_as_output(here, capsys, monkeypatch, line):
    (here / "tree").mkdir()
    (here / "tree" / "inode.c").write_text("source")
    monkeypatch.setattr(confirm_command, "confirm", never)
    monkeypatch.setattr(extract_command, "extract", never)
    before = snapshot(here)
    assert main(line.split()) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "would be lost" in err
    assert err.count("\n") == 1
    assert snapshot(here) == before
    assert (here / "tree" / "inode.c").read_text() == "source"


def test_a_recording_is_not_written_over_by_its_page(here, capsys):
    text = Path(__file__).parents[2] / "gmemviz" / "record" / "data" / "7.3-gmem.txt.xz"
    page = here / "rec.html"
    page.symlink_to("rec.txt.xz")
    (here / "rec.txt.xz").write_bytes(text.read_bytes())
    assert main(["export", "./rec.txt.xz", "-o", "rec.html"]) == 2
    assert "would be lost" in capsys.readouterr().err
    assert (here / "rec.txt.xz").read_bytes() == text.read_bytes()


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "FIFO"])
@pytest.mark.parametrize(
    "line",
    [
        "export guest_memfd-7.3 -o x.html",
        "draw calls guest_memfd-7.3 -o x.dot",
        f"draw lanes {CHOICES} -o x.dot",
        f"confirm {CHOICES} --record x.txt",
        "extract . -o x.json.gz",
    ],
)
def test_what_is_no_file_stays(tmp_path, monkeypatch, capsys, make, line):
    *_, name = line.split()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(confirm_command, "confirm", never)
    make(tmp_path / name)
    before = (tmp_path / name).lstat()
    if make is os.mkfifo and ("confirm" in line or "extract" in line):
        return  # these would write into it, after their work
    assert main(line.split()) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert (tmp_path / name).lstat().st_ino == before.st_ino
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("suffix", ["pdf", "foo", "svgz", ""])
@pytest.mark.parametrize("what", ["matrix", f"lanes {CHOICES}", "calls guest_memfd-7.3"])
def test_a_picture_that_nothing_makes_is_refused_before_the_work(
    tmp_path, monkeypatch, capsys, what, suffix
):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(draw_command, "matrix", never)
    monkeypatch.setattr(draw_command, "check", never)
    monkeypatch.setenv("GMEMVIZ_DOT", "")
    monkeypatch.setenv("PATH", "")
    assert main(["draw", *what.split(), "-o", f"x.{suffix}"]) == 2
    assert re.search(
        r"^gmemviz: (no Graphviz|graphviz-pure makes no|unknown suffix)", capsys.readouterr().err
    )


@pytest.mark.parametrize("name", ["nowhere/x.html", "a.toml/x.html"])
def test_a_page_that_cannot_be_written_is_refused_before_the_work(here, monkeypatch, capsys, name):
    for work in ("check", "read_design"):
        monkeypatch.setattr(export_command, work, never)
    assert main(["export", "guest_memfd-7.3", "-o", name]) == 2
    assert capsys.readouterr().err.startswith(f"gmemviz: cannot write {name}: ")


@pytest.fixture
def image(tmp_path):
    # Documentation/arch/x86/boot.rst@v7.3: the magic, and where the version stands
    head = bytearray(0x400)
    head[0x202:0x206] = b"HdrS"
    head[0x20E:0x210] = (0x100).to_bytes(2, "little")
    head[0x300:0x306] = b"7.3.4\0"
    file = tmp_path / "vmlinuz"
    file.write_bytes(head)
    return file


@pytest.mark.parametrize("name", ["vmlinuz", "link", "modules/kvm.ko"])
def test_a_kernel_is_not_written_over_by_its_recording(image, name):
    folder = image.parent
    (folder / "link").symlink_to("vmlinuz")
    (folder / "modules").mkdir()
    (folder / "modules" / "kvm.ko").write_bytes(b"module")
    before = image.read_bytes()
    with pytest.raises(OutputError, match="would be lost"):
        record("gmem", kernel=image, modules=folder / "modules", out=folder / name)
    assert image.read_bytes() == before
    assert (folder / "modules" / "kvm.ko").read_bytes() == b"module"
