"""The picture of the matrix: each cell once, in its place, readable in grey, always the same."""

import base64
import io
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from itertools import cycle
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from gmemviz.cli import main
from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.model import CLEANUPS, METADATA, PLACEMENTS, check, design_from_choices
from gmemviz.render import draw_matrix, film_of_drawing
from gmemviz.render import matrix as picture
from gmemviz.render.theme import VERDICTS
from gmemviz.study import cells

CODES = (
    "assertion busy-inodes crash deadlock double-free hang inode-leak late-release leak "
    "lock-context no-such-field objects-remain out-of-reach per-file sleep-in-atomic sleep-in-softirq stale-alias unreachable-hook use-after-free "
    "wrong-branch wrong-cache"
).split()
NAMES = ("kernel", "mount", "placement", "cleanup", "metadata")


def word(look, codes):
    if codes:
        return "defects"
    return {"inapplicable": "not-applicable", "undecided": look}.get(look, "correct")


def row(cell, look, **more):
    """Make up an answer, so that any verdict may stand in any cell."""
    codes = [look] if look in CODES else None if look == "inapplicable" else []
    return {
        **dict(zip(NAMES, cell, strict=True)), "applicable": codes is not None, "defects": codes,
        "conventional": look == "correct", "complete": look != "undecided", "why": f"Since {look}.",
        "code": codes[0] if codes else None, "verdict": word(look, codes),
        **more,
    }  # fmt: skip


def made_up():
    wanted = [cell for cell in cells(["7.3"]) if cell[1] == "own"]
    looks = [look for look in VERDICTS if look == "undecided" or look not in picture.SELDOM]
    return [row(cell, look) for cell, look in zip(wanted, cycle(looks), strict=False)]


@pytest.fixture(scope="module")
def rows():
    return made_up()


def test_the_bounds_stand_in_one_line_above_what_is_assumed():
    """The most that any of the rows had; of rows that tell none, nothing is said."""
    bounds = {"inodes": 1, "folios": 1, "files": 1, "lives": 1, "processors": 3, "actors": {}}
    rows = [{**row, "bounds": bounds} for row in made_up()]
    rows[5]["bounds"] = {**bounds, "inodes": 2, "files": 4}
    said = "At most 2 inodes, 1 folio, 4 files, 1 life of a slab object, 3 processors."
    drawing = draw_matrix(rows)
    assert f"\n\n{said}\n" in drawing.alt
    assert said in drawing.dot
    assert "At most" not in draw_matrix(made_up()).alt


def drawn(rows, **choices):
    """Return {id: (text, fill, box)} of the nodes whose id begins with "cell"."""
    root = ET.fromstring(draw_matrix(rows, **choices).svg)
    found = {}
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        if group.get("id", "").startswith("cell"):
            assert group.get("id") not in found
            shape = next(e for e in group.iter() if e.tag.endswith("polygon"))
            points = [tuple(map(float, p.split(","))) for p in shape.get("points").split()]
            xs, ys = zip(*points, strict=True)
            box = min(xs), min(ys), max(xs), max(ys)
            words = "".join(e.text for e in group.iter() if e.tag.endswith("text"))
            found[group.get("id")] = words, shape.get("fill"), box
    return found


def test_every_row_is_drawn_once_with_its_symbol_and_colour(rows):
    found = drawn(rows)
    assert len(found) == len(rows) == 780
    for answer in rows:
        look = (answer["defects"] or ["inapplicable"])[0] if answer["defects"] != [] else None
        look = look or ("correct" if answer["conventional"] else "unconventional")
        look = "undecided" if answer["verdict"] == "undecided" else look
        words, fill, _ = found[picture.cell_id(answer)]
        assert words == VERDICTS[look].symbol
        # Graphviz 2.43 writes "transparent" where later ones write "none".
        assert fill.replace("transparent", "none") == VERDICTS[look].fill


def test_each_cell_stands_where_its_choices_say(rows):
    found = drawn(rows)
    size = {(round(b[2] - b[0], 1), round(b[3] - b[1], 1)) for _, _, b in found.values()}
    assert len(size) == 1
    places = {(round(b[0], 1), round(b[1], 1)) for _, _, b in found.values()}
    assert len(places) == 780
    [(width, height)] = size
    for x, y in places:  # nothing overlaps its neighbours, and all is on the sheet
        assert not any(0 < abs(x - u) < width and abs(y - v) < height for u, v in places)
        assert 0 < x < 960
        assert -540 < y < 0
    in_order = sorted(found, key=lambda name: (round(found[name][2][1], 1), found[name][2][0]))
    assert [name for line in picture.grid(rows) for name in line] == in_order
    first = picture.grid(rows)[0]
    assert first[:2] == ["cell__own__i_private_flags__none__flags",
                         "cell__own__i_private_flags__none__shareability_tree"]  # fmt: skip
    assert first[10] == "cell__own__i_private__none__flags"


def test_each_name_stands_at_its_cells(rows):
    nodes = draw_matrix(rows).nodes
    at = {node.id: tuple(map(float, dict(node.extra)["pos"].split(","))) for node in nodes}
    named = {}
    for node in nodes:
        named.setdefault(node.label.strip("\ue000\ue001"), []).append(at[node.id])
    lines = sorted(at[name] for name in at if name.startswith("rule"))
    for answer in rows:
        x, y = at[picture.cell_id(answer)]
        assert any(abs(line - y) < 4 for _, line in named[answer["cleanup"]])
        block = min((b for b in named[answer["placement"]]), key=lambda b: abs(b[0] - x))
        assert block[1] > y
        column = list(METADATA).index(answer["metadata"])
        assert any(abs(line - x) < 1 for line, _ in lines[column::10])
        # The name ends at its line's upper end, and its line is as long as the stair is high.
        words = min(named[answer["metadata"]], key=lambda w: abs(w[0] - (x - 62)))
        assert abs(words[0] - (x - 62)) < 1
    heights = [y for _, y in lines[:10]]
    assert heights == sorted(heights)


def test_every_verdict_has_a_symbol_of_its_own():
    assert set(CODES) == set(VERDICTS) - {
        "correct", "unconventional", "undecided", "inapplicable",
    }  # fmt: skip
    symbols = [look.symbol for look in VERDICTS.values()]
    assert len(set(symbols)) == len(symbols)
    assert all(0 < len(symbol) <= 3 for symbol in symbols)
    assert not any("+" in symbol for symbol in symbols)


CELL = ("7.3", "own", "i_private", "release", "rcu-blob")


def test_of_several_codes_the_run_shows_the_first():
    report = check(design_from_choices(**dict(zip(NAMES, CELL, strict=True))))
    code = report.counterexample.defect.code
    assert len(report.defects) > 1
    assert code != report.defects[0], "choose a cell where the alphabet is wrong"
    several = row(CELL, "leak", code=code) | {"defects": list(report.defects)}
    node = next(n for n in draw_matrix([several]).nodes if n.id.startswith("cell"))
    assert node.label == f"{VERDICTS[code].symbol}+"
    assert node.look == code
    assert f"rcu-blob: {', '.join(report.defects)}. Since leak." in node.tooltip


def test_it_is_simulated_and_says_so(rows):
    assert film_of_drawing(draw_matrix(rows)).origin == "simulated"


def test_the_legend_counts(rows):
    several = {**rows[2], "defects": ["leak", "use-after-free"], "code": "use-after-free"}
    alone = {**rows[3], "defects": ["leak"], "code": "leak"}
    drawing = draw_matrix([several, alone])
    assert drawing.title == "Kernel 7.3, own mount: 2 cells, simulated"
    lines = drawing.alt.splitlines()
    assert "U      1   1 use-after-free: freed memory is touched" in lines
    assert "L      1   2 leak: metadata never freed" in lines
    assert not any("undecided" in line for line in lines)
    words = [node.label.strip("\ue000\ue001") for node in drawing.nodes]
    assert words.count("0") == 2 * (len(VERDICTS) - 2 - len(picture.SELDOM))
    at = words.index("leak")
    assert words[at + 1 : at + 3] == ["1", "2"]


def test_names_and_assumptions_are_on_the_sheet(rows):
    words = " ".join(node.label for node in draw_matrix(rows).nodes)
    for name in (*PLACEMENTS, *CLEANUPS, *METADATA):
        assert name in words
    assert "no PREEMPT_RT" in words
    lowest = [
        n
        for n in draw_matrix(rows).nodes
        if "fontsize" in dict(n.extra) and float(dict(n.extra)["fontsize"]) == 7.5
    ]
    assert len(lowest) <= 2, "the small print has grown into the cells"


def test_the_text_has_every_cell(rows):
    said = draw_matrix(rows).alt
    for placement in PLACEMENTS:
        _, _, block = said.partition(f"\n\n{placement}: {', '.join(METADATA)}\n")
        for cleanup, line in zip(CLEANUPS, block.splitlines(), strict=False):
            assert line.startswith(cleanup)
            assert len(line.removeprefix(cleanup).split()) == 10


def test_hostile_words_stay_text():
    evil = '</title><script>alert(1)</script>"]; evil [label="\\N\\l \ue000'
    drawing = draw_matrix([row(("7.3</svg>", *CELL[1:]), "leak", why=evil)])
    root = ET.fromstring(drawing.svg)
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    tips = [e.get("{http://www.w3.org/1999/xlink}title") for e in root.iter()]
    assert any("<script>alert(1)</script>" in tip for tip in tips if tip)
    assert "Kernel 7.3</svg>, own mount" in "".join(root.itertext())
    assert len([e for e in root.iter() if e.get("id", "").startswith("cell")]) == 1


def test_what_cannot_be_drawn_is_refused(rows):
    with pytest.raises(UnknownNameError, match=r"unknown kernel: '6.12' \(must be one of 7.3\)"):
        draw_matrix(rows, kernel="6.12")
    with pytest.raises(UnknownNameError, match="unknown mount: 'anon-inode'"):
        draw_matrix(rows, mount="anon-inode")
    with pytest.raises(UnknownNameError, match="unknown kernel"):
        draw_matrix([])
    with pytest.raises(UnknownNameError, match="unknown defect: 'gremlin'"):
        draw_matrix([{**rows[2], "defects": ["gremlin"], "code": "gremlin"}])
    with pytest.raises(UnknownNameError, match="unknown cleanup: 'nil'"):
        draw_matrix([{**rows[0], "cleanup": "nil"}])
    with pytest.raises(GmemvizError, match="two rows for i_private-flags, none, flags"):
        draw_matrix([rows[0], rows[0]])


def test_the_newest_kernel_is_drawn_unless_told():
    cell = CELL[1:]
    both = [row(("7.3", *cell), "leak"), row(("6.12", *cell), "crash")]
    assert draw_matrix(both).title.startswith("Kernel 7.3")
    assert draw_matrix(both, kernel="6.12").nodes != draw_matrix(both).nodes


def test_the_order_of_the_rows_and_the_hash_seed_do_not_matter(rows):
    assert draw_matrix(rows[::-1]).dot == draw_matrix(rows).dot
    code = (
        "from tests.render.test_matrix import made_up; from gmemviz.render import draw_matrix, film_of_drawing;"
        "import hashlib; print(hashlib.sha256(draw_matrix(made_up()).dot.encode()).hexdigest())"
    )
    root = str(Path(__file__).parents[2])
    runs = {
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                       env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": root}).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(runs) == 1


def test_ids_are_plain_and_occur_once(rows):
    ids = re.findall(r' id="([^"]+)"', draw_matrix(rows).svg)
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z0-9_]+", name) for name in ids)


def test_the_sheet_is_a_slide(rows, tmp_path):
    file = draw_matrix(rows).save(tmp_path / "matrix.png")
    width, height = (int.from_bytes(file.read_bytes()[at : at + 4]) for at in (16, 20))
    assert abs(width / height - 16 / 9) < 0.02
    bundle = draw_matrix(rows)._repr_mimebundle_()
    assert bundle["text/html"].startswith('<img alt="Kernel 7.3, own mount: 780 cells')
    assert len(bundle["text/html"]) < 200_000
    kept = base64.b64decode(bundle["text/html"].partition("base64,")[2].rstrip('">'))
    with Image.open(io.BytesIO(kept)) as small, Image.open(file) as whole:
        assert small.size == whole.size
        paper = Image.new("RGBA", whole.size, "white")
        paper.alpha_composite(whole.convert("RGBA"))
        apart = ImageChops.difference(small.convert("RGB"), paper.convert("RGB"))
        assert max(most for _, most in apart.getextrema()) < 20
    assert "containing-struct: flags, shareability-tree" in bundle["text/plain"]


@pytest.mark.parametrize(
    "suffix", ["dot", "svg", "png", pytest.param("pdf", marks=pytest.mark.dot)]
)
def test_the_command_draws(tmp_path, monkeypatch, suffix):
    few = [row(("6.12", "anon-inode", *CELL[2:]), "leak")]
    monkeypatch.setattr("gmemviz.cli.draw.matrix", lambda *_, **__: few)
    file = tmp_path / f"matrix.{suffix}"
    line = f"draw matrix --kernel 6.12 --mount anon-inode -o {file}"
    assert main(line.split()) == 0
    assert file.stat().st_size > 4000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--kernel 5.0", "unknown kernel: '5.0' (must be one of 6.12, 7.3)"),
        ("--mount home", "unknown mount: 'home' (must be one of own,"),
        ("--placement i_private", "it takes no placement"),
        ("--step 1", "it takes no step"),
        ("--step 0", "must be a whole number from 1 on, not '0'"),
        ("guest_memfd-7.3", "it takes no name"),
    ],
)
def test_the_command_refuses_in_one_sentence(capsys, tmp_path, line, said):
    assert main(f"draw matrix {line} -o {tmp_path / 'x.svg'}".split()) == 2
    out, err = capsys.readouterr()
    assert not out
    assert said in err
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())
