"""Whatever is printed is fit for a terminal: names, words, recordings, files."""

import errno
import io
import json
import lzma
import subprocess
import sys
from pathlib import Path

import pytest

from gmemviz.cli import main
from gmemviz.cli.line.terminal import Terminal
from gmemviz.model import check
from gmemviz.model.design.design import Design
from gmemviz.study import compare, mail

CLEAN, BROKEN = "guest_memfd-7.3", "rfc-v2"
DATA = Path(__file__).parents[3] / "gmemviz" / "record" / "data"
EVIL = "\x1b[2K\x9b1A\u202e\u2066\u200b\udc80\u2028\x07"
WRITTEN = r"\u001b[2K\u009b1A\u202e\u2066\u200b\u2028\u0007"
DESIGN = f"""
name = "a{WRITTEN}"
says = "b{WRITTEN}"
source = "c{WRITTEN}"
kernel = "7.3"
mount = "own"
metadata.tree = {{ placement = "i_private", says = "d{WRITTEN}" }}
hooks.evict_inode = ["truncate", "clear_inode"]
"""


def is_clean(text):
    return not any(letter in text for letter in EVIL if not letter.isprintable())


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "evil.toml"
    path.write_text(DESIGN, encoding="utf-8")
    return path


@pytest.mark.parametrize("line", ["check --design {}", "check --design {} --json", "compare {} {}"])
def test_a_design_of_a_stranger_steers_no_terminal(file, capsys, line):
    assert main(line.format(file, file).split()) == 1
    out, err = capsys.readouterr()
    assert is_clean(out)
    assert r"\u202e" in out
    assert err == ""


def test_nor_does_a_mail_or_a_comparison():
    design = Design.from_text(DESIGN)
    for text in (mail(check(design)), compare(design, design).text):
        assert is_clean(text)
        assert r"a\x1b[2K\x9b1A\u202e" in text
        assert max(map(len, text.splitlines())) <= 72


@pytest.mark.parametrize("word", ["creator", "function", "via"])
@pytest.mark.parametrize("name", ["a\x1b", "a b", "9x", "é", "a-b", "if", "x" * 65, "٣a"])
def test_a_function_has_a_name_that_c_can_take(word, name):
    written = json.dumps(name)
    lines = {
        "creator": f"creator = {written}",
        "function": f"hooks.evict_inode = {{ does = [], function = {written} }}",
        "via": f"hooks.evict_inode = [{json.dumps(f'free tree via {name}')}]",
    }
    kept = 'metadata.tree = { placement = "i_private" }\n'
    with pytest.raises(ValueError, match=r"name in C|unknown action|64|no such metadata") as caught:
        Design.from_text(f'kernel = "7.3"\nmount = "own"\n{kept}{lines[word]}\n')
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("how", [[], ["--json"]])
def test_a_recording_of_a_stranger_steers_no_terminal(tmp_path, capsys, how):
    text = lzma.decompress((DATA / "7.3-gmem.txt.xz").read_bytes()).decode()
    text = text.replace("7.3.4+deb13-amd64", "7.3.4\x1b[2K\u202e").replace("gmem */", "\x1b[31m*/")
    path = tmp_path / "evil\x1b[2K.txt"
    path.write_text(text, encoding="utf-8")
    # Its head no longer says which scenario was recorded, so it conforms as far as it goes.
    assert main(["conform", str(path), *how]) == 3
    out, _ = capsys.readouterr()
    assert is_clean(out)
    assert "7.3.4" in out


@pytest.mark.parametrize(
    "line",
    ["check --design {}", "conform ./{}", "check {}", "census {}", "export guest_memfd-7.3 -o {}"],
)
def test_a_complaint_shows_a_name_as_it_is(capsys, line):
    words = line.split()
    words[-1] = words[-1].format("x\x1b[2K\r\u202e.toml\udcff")
    assert main(words) == 2
    err = capsys.readouterr().err
    assert is_clean(err)
    assert err.count("\n") == 1
    assert r"x\x1b[2K" in err


def test_what_is_printed_of_a_file_is_escaped(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code = "import sys; from gmemviz.cli import main; sys.exit(main(sys.argv[1:]))"
    name = "p\udcff\x1b.html"
    done = subprocess.run(
        [sys.executable, "-c", code, "export", "guest_memfd-7.3", "-o", name],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(name).stat().st_size > 1000


class Full(io.StringIO):
    """Take nothing."""

    def write(self, _):
        """Refuse."""
        raise OSError(errno.ENOSPC, "No space left on device")


class Gone(io.StringIO):
    """Have no reader."""

    def flush(self):
        """Notice."""
        raise BrokenPipeError


def test_a_stream_that_fails_is_told_once_and_then_left():
    full, gone, closed = Terminal(Full()), Terminal(Gone()), Terminal(None)
    for one in (full, gone, closed):
        print("x", file=one, flush=True)
        print("y", file=one, flush=True)
        assert not one.isatty()
    assert full.failure == "cannot write to the output: No space left on device"
    assert (gone.failure, closed.failure) == ("", "")
    with pytest.raises(OSError, match="closed"):
        closed.fileno()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_each_encoding_gets_what_it_has(encoding):
    raw = io.BytesIO()
    terminal = Terminal(io.TextIOWrapper(raw, encoding=encoding))
    print("é→\x1b", file=terminal, flush=True)
    said = raw.getvalue().decode(encoding)
    assert (
        said
        == {"ascii": "\\xe9\\u2192", "latin-1": "é\\u2192", "utf-8": "é→"}[encoding] + "\\x1b\n"
    )


@pytest.mark.parametrize(("design", "status"), [(CLEAN, 0), (BROKEN, 1), ("nil", 2)])
@pytest.mark.parametrize("reader", ["true", "head -c 1", "head -1 | cat"])
@pytest.mark.parametrize("how", ["", "--json"])
def test_a_closed_pipe_keeps_the_verdict(shell, design, status, reader, how):
    done = shell(f"g check {design} {how} | {reader}; exit ${{PIPESTATUS[0]}}")
    assert done.returncode == status
    assert done.stderr.count("\n") == (status == 2)
    assert "Traceback" not in done.stderr
    assert "ignored" not in done.stderr


@pytest.mark.parametrize(("design", "status"), [(CLEAN, 0), (BROKEN, 1), ("nil", 2)])
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"])
def test_a_closed_output_keeps_the_verdict(shell, design, status, closed):
    done = shell(f"g check {design} {closed}")
    assert done.returncode == status
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "line", [f"check {CLEAN}", f"check {BROKEN} --json", "--help", "census 7.3"]
)
def test_a_full_output_is_2_and_one_sentence(shell, line):
    done = shell(f"g {line} >/dev/full")
    assert done.returncode == 2
    assert done.stderr == "gmemviz: cannot write to the output: No space left on device\n"


def test_a_complaint_that_cannot_be_written_keeps_its_status(shell):
    assert shell("g check nil 2>/dev/full").returncode == 2


@pytest.mark.parametrize(
    "env",
    [{"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}, {"PYTHONIOENCODING": "ascii"},
     {"PYTHONIOENCODING": "latin-1"}],
)  # fmt: skip
def test_a_name_that_the_locale_has_not_is_escaped(shell, tmp_path, env):
    file = tmp_path / "x.toml"
    file.write_text('name = "Übung 漢"\nkernel = "7.3"\nmount = "own"\n', encoding="utf-8")
    done = shell(f"g check --design {file}", **env)
    assert done.returncode in (0, 1)
    assert r"bung \u6f22" in done.stdout
    assert done.stderr == ""


def test_a_name_that_is_no_text_is_escaped(shell, tmp_path):
    done = shell(r"g check --design $'\xff.toml'; g check $'\xff\xfe'")
    assert done.returncode == 2
    assert r"\udcff.toml" in done.stderr


def test_a_reader_that_has_enough_is_no_error(shell):
    done = shell("g check shmem-7.3 --json | head -c 1")
    assert (done.stdout, done.stderr) == ("{", "")
