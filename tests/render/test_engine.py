"""The one place that runs Graphviz, with each engine there is and with none."""

import os
import shutil
import signal
import threading
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from gmemviz.errors import DrawingError, MissingToolError, OutputError, UnknownNameError
from gmemviz.render import engine
from gmemviz.render.drawing import Arrow, Drawing, Node
from gmemviz.render.engine import FONT, quote, render, save, svg, svgs
from gmemviz.render.history import draw_history

pytestmark = pytest.mark.usefixtures("fresh")

SVG = "{http://www.w3.org/2000/svg}"
PAIR = "digraph { a -> b }"
GRAPH = 'digraph { a [id="node_a", class="hook", tooltip="tip"]; a -> b [id="edge_ab"] }'
HOSTILE = [
    "plain",
    "graph",
    'say "so"',
    'end\\"',
    "back\\slash\\",
    r"\N \G \l",
    "<b>bold</b>",
    "<script>alert(1)</script>",
    "]]> --> <!--",
    "a; b -> c }",
    "&amp; & &lt;",
    "ünï → ✓",
    "'",
]


def script(folder, text):
    file = folder / "dot"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(0o755)
    return file


def texts(picture):
    return ["".join(text.itertext()) for text in ET.fromstring(picture).iter(f"{SVG}text")]


def test_svg_is_one_clean_element(each_engine):
    picture = svg(GRAPH)
    root = ET.fromstring(picture)
    assert picture.startswith("<svg ")
    assert "<!" not in picture
    assert root.get("viewBox")
    assert not {"width", "height"} & set(root.keys())
    classes = {part.get("id"): part.get("class") for part in root.iter(f"{SVG}g")}
    assert classes["node_a"] == "node hook"
    assert classes["edge_ab"] == "edge"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_stay_text(each_engine, text):
    name = quote(text)
    drawn = svg(f"digraph {{ {name} [label={name}]; other -> {name} }}")
    assert sorted(words.replace("\xa0", " ") for words in texts(drawn)) == sorted(["other", text])
    assert "<script" not in drawn


def test_lines_and_unprintable_characters(each_engine):
    assert texts(svg(f"digraph {{ a [label={quote('one' + chr(10) + 'two')}] }}")) == ["one", "two"]
    assert texts(svg(f"digraph {{ a [label={quote('x' + chr(0) + chr(0xD800))}] }}")) == ["x��"]


MAGIC = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


@pytest.mark.parametrize("fmt", MAGIC)
def test_formats(each_engine, fmt):
    if (each_engine, fmt) == ("graphviz-pure", "pdf") and not shutil.which("dot"):
        with pytest.raises(MissingToolError, match="graphviz-pure makes no PDF"):
            render(GRAPH, fmt)
    else:
        assert render(GRAPH, fmt).startswith(MAGIC[fmt])


@pytest.mark.parametrize("source", ["digraph { a -> ", "digraph { a [label=<<b>] }", ""])
def test_broken_source_is_a_value_error(each_engine, source):
    with pytest.raises(ValueError, match="refused the drawing"):
        render(source, "svg")


def test_several_at_once_in_order(each_engine):
    sources = [f"digraph {{ n{number} }}" for number in range(12)]
    assert [texts(picture) for picture in svgs(sources)] == [[f"n{number}"] for number in range(12)]


def test_same_source_is_drawn_once():
    assert svg(GRAPH) is svg(GRAPH)
    assert svg.cache_info().misses == 1


def test_unknown_format():
    with pytest.raises(UnknownNameError, match="svg, png, pdf"):
        render(GRAPH, "gif")


def test_no_engine_names_three_ways(no_program):
    with pytest.raises(MissingToolError, match=r"pip install .*conda install .*apt-get install"):
        render(GRAPH, "svg")


def test_named_engine_comes_first(monkeypatch, tmp_path):
    monkeypatch.setenv("GMEMVIZ_DOT", str(script(tmp_path, "echo '<svg/>'")))
    assert engine.engine() == str(tmp_path / "dot")
    assert render(GRAPH, "svg") == b"<svg/>\n"


def test_the_wheel_comes_before_dot(no_program, tmp_path):
    script(tmp_path, "")
    assert engine.engine() == str(tmp_path / "dot")
    pure = script(tmp_path, "").rename(tmp_path / "graphviz-pure")
    script(tmp_path, "")
    assert engine.engine() == str(pure)
    assert engine.engine("png") == str(pure)
    assert engine.engine("pdf") == str(tmp_path / "dot")


@pytest.mark.parametrize("named", [True, False])
def test_without_dot_a_pdf_is_refused_in_a_sentence(no_program, monkeypatch, tmp_path, named):
    pure = script(tmp_path, "").rename(tmp_path / "graphviz-pure")
    if named:
        monkeypatch.setenv("GMEMVIZ_DOT", str(pure))
    with pytest.raises(MissingToolError, match=r"^graphviz-pure makes no PDF: `apt-get .*dot"):
        save(GRAPH, tmp_path / "graph.pdf")
    assert not (tmp_path / "graph.pdf").exists()


def test_named_engine_that_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("GMEMVIZ_DOT", str(tmp_path / "nothing"))
    with pytest.raises(MissingToolError, match="is not a program"):
        engine.engine()


def test_program_that_cannot_start(monkeypatch, tmp_path):
    file = script(tmp_path, "")
    file.write_bytes(b"not a program at all")
    monkeypatch.setenv("GMEMVIZ_DOT", str(file))
    with pytest.raises(MissingToolError, match="does not run"):
        render(GRAPH, "svg")


@pytest.mark.parametrize("line", ["exec sleep 60", "sleep 60", "cat; sleep 60"])
def test_program_that_hangs_is_ended_with_what_it_started(monkeypatch, tmp_path, line):
    monkeypatch.setenv("GMEMVIZ_DOT", str(script(tmp_path, line)))
    monkeypatch.setattr(engine, "TIME_LIMIT_S", 0.2)
    began = time.monotonic()
    with pytest.raises(ValueError, match=r"no picture after 0\.2 seconds"):
        render(GRAPH, "svg")
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("exit 0", "refused the drawing: it drew nothing"),
        ("exit 3", "refused the drawing: it ended with status 3"),
        ("echo '<svg/>'; exit 1", "refused the drawing: it ended with status 1"),
        ("echo so it >&2; echo is >&2; exit 1", "refused the drawing: so it is$"),
        ("kill -SEGV $$", "died of SIGSEGV while it drew$"),
        ("echo '<svg/>'; kill -KILL $$", "died of SIGKILL while it drew$"),
        ("yes no | head -c 100000 >&2; exit 1", r"no no \[...\]$"),
        ("echo no picture", "what .*/dot drew is no SVG$"),
        ("echo '<svg> <b>'", "what the engine drew is no SVG"),
        ("yes '<svg>'", r"wrote more than 1,000 bytes$"),
        ("yes no >&2", r"wrote more than 1,000 bytes$"),
    ],
)
def test_whatever_becomes_of_a_program_is_one_sentence(monkeypatch, tmp_path, line, said):
    monkeypatch.setenv("GMEMVIZ_DOT", str(script(tmp_path, line)))
    if said.startswith("wrote more"):
        monkeypatch.setattr(engine, "LARGEST", 1000)
    with pytest.raises(DrawingError, match=said) as caught:
        svg(GRAPH)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_what_a_script_leaves_behind_is_ended_and_not_waited_for(monkeypatch, tmp_path):
    line = f"sleep 600 & echo $! >{tmp_path}/pid; echo '<svg/>'"
    monkeypatch.setenv("GMEMVIZ_DOT", str(script(tmp_path, line)))
    began = time.monotonic()
    assert render(GRAPH, "svg") == b"<svg/>\n"
    assert time.monotonic() - began < 20
    assert is_gone(int((tmp_path / "pid").read_text()))


def is_gone(pid):
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False


def test_an_interrupt_does_not_wait_for_what_is_being_drawn(monkeypatch, tmp_path):
    monkeypatch.setenv("GMEMVIZ_DOT", str(script(tmp_path, f"touch {tmp_path}/on; sleep 600")))

    def interrupt():
        while not (tmp_path / "on").exists():
            time.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)  # it wakes what waits for a lock

    threading.Thread(target=interrupt, daemon=True).start()
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        svgs([f"digraph {{ n{number} }}" for number in range(12)])
    while engine._DRAWING:  # the last of them may still be given back
        assert time.monotonic() - began < 20
        time.sleep(0.02)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("fmt", ["png", "pdf"])
def test_what_is_no_picture_is_never_saved(monkeypatch, tmp_path, fmt):
    monkeypatch.setenv("GMEMVIZ_DOT", str(script(tmp_path, "echo '<svg/>'")))
    with pytest.raises(DrawingError, match=f"drew is no {fmt.upper()}$"):
        save(GRAPH, tmp_path / f"graph.{fmt}")
    assert not (tmp_path / f"graph.{fmt}").exists()


@pytest.mark.parametrize("suffix", [".svg", ".png", ".pdf", ".dot", ".SVG"])
def test_save_by_suffix_leaves_only_the_file(each_engine, tmp_path, suffix):
    if suffix == ".pdf" and not shutil.which("dot"):
        pytest.skip("graphviz-pure makes no PDF")
    folder = tmp_path / "pictures"
    folder.mkdir()
    save(GRAPH, folder / f"graph{suffix}")
    (file,) = folder.iterdir()
    assert file.stat().st_size


def test_save_dot_needs_no_engine(no_program, tmp_path):
    save(GRAPH, tmp_path / "graph.dot")
    assert (tmp_path / "graph.dot").read_text() == GRAPH


@pytest.mark.parametrize("name", ["graph.gif", "graph"])
def test_save_unknown_suffix(tmp_path, name):
    with pytest.raises(UnknownNameError, match=r"\.svg, \.png, \.pdf, \.dot"):
        save(GRAPH, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_save_where_nothing_can_be_written(tmp_path):
    with pytest.raises(OutputError, match=r"cannot write .*graph\.dot: No such file or directory"):
        save(GRAPH, tmp_path / "nowhere" / "graph.dot")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_save_into_a_read_only_folder(tmp_path):
    tmp_path.chmod(0o555)
    with pytest.raises(OutputError, match="Permission denied"):
        save(GRAPH, tmp_path / "graph.dot")


def test_failed_save_leaves_the_folder_as_it_was(tmp_path):
    (tmp_path / "graph.dot").mkdir()
    with pytest.raises(OutputError, match="cannot write"):
        save(GRAPH, tmp_path / "graph.dot")
    assert [entry.name for entry in tmp_path.iterdir()] == ["graph.dot"]


# --- fonts and signs, and a host that draws in place of a program ------------------------


def test_a_page_without_the_font_has_others(each_engine):
    drawing = Drawing("x", "x", "x", (Node("a", "alpha"),), (Arrow("e", "a", "a", label="e"),))
    fonts = {part.get("font-family") for part in ET.fromstring(drawing.svg).iter(f"{SVG}text")}
    assert fonts == {"DejaVu Sans, Helvetica, sans-serif"}


def test_a_box_is_as_wide_as_its_words_in_the_font_shown(monkeypatch, pure):
    """An M of DejaVu Sans is 0.863 of the font's size wide, as its own metrics say."""
    monkeypatch.setenv("GMEMVIZ_DOT", pure)
    node = f'a [shape=box, margin=0, fontsize=11, fontname="{FONT}", label={"M" * 20}]'
    shapes = ET.fromstring(svg(f"digraph {{ {node} }}")).iter(f"{SVG}polygon")
    (box,) = (shape for shape in shapes if shape.get("stroke") == "black")
    xs = [float(point.split(",")[0]) for point in box.get("points").split()]
    assert max(xs) - min(xs) == pytest.approx(20 * 11 * 0.863, rel=0.03)


def test_a_png_of_the_wheel_shows_the_signs_that_its_fonts_lack(monkeypatch, pure):
    monkeypatch.setenv("GMEMVIZ_DOT", pure)

    def seen(label):
        return render(f'digraph {{ a [fontname="{FONT}", label="{label}"] }}', "png")

    blank = seen("\N{HANGUL SYLLABLE GA}")
    signs = [chr(sign) for sign in engine.STAND_INS]
    assert all(seen(sign) != blank for sign in signs)
    assert len({seen(sign) for sign in signs}) == len(signs)


def test_a_host_draws_in_place_of_a_program(no_program, host):
    asked = []
    before = threading.active_count()

    def draw(source):
        asked.append(source)
        return f'<svg><text font-family="{FONT}">{threading.active_count()}</text></svg>'

    host(draw)
    assert "DejaVu Sans, Helvetica" in svg(PAIR)
    assert svgs([PAIR, "digraph { b }"])[0] == svg(PAIR)
    assert f">{before}<" in svgs(["digraph { c }"])[0]
    assert asked == [PAIR, "digraph { b }", "digraph { c }"]
    assert "data:image/svg" in draw_history()._repr_mimebundle_()["text/html"]
    with pytest.raises(MissingToolError, match="makes SVG, no PNG"):
        render(PAIR, "png")


def test_a_host_that_goes_leaves_no_picture_behind(host):
    host(lambda _: "<svg/>")
    assert svg(PAIR) == "<svg />"
    host(None)
    words = [text.text for text in ET.fromstring(svg(PAIR)).iter(f"{SVG}text")]
    assert words == ["a", "b"]


@pytest.mark.parametrize("drawn", [None, b"<svg/>", "", " \n", 3])
def test_a_host_that_draws_nothing_is_a_sentence_and_no_file(host, tmp_path, drawn):
    host(lambda _: drawn)
    with pytest.raises(ValueError, match="the engine of this host drew no SVG"):
        save(PAIR, tmp_path / "graph.svg")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("draw", ["dot", 3, b"dot", []])
def test_a_host_is_a_function(host, draw):
    with pytest.raises(TypeError, match="draw must be a function from DOT to SVG, not "):
        host(draw)
    assert not engine._HOST
