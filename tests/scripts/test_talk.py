"""The talk: its slides, their notes and time, and the file that `make talk` writes of them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from gmemviz import conform, load_recording
from scripts import notebooks, talk

ROOT = Path(__file__).parents[2]
CELLS = notebooks.read(talk.NOTEBOOK).cells
MINUTES = 15
WORDS = 60


def by_slide():
    """Give the cells of each slide, the title's cell first."""
    groups = []
    for cell in CELLS:
        if talk.kind_of(cell) == "slide":
            groups.append([])
        if groups:
            groups[-1].append(cell)
    return groups


def made(folder, seed):
    env = os.environ | {"PYTHONHASHSEED": seed}
    command = [sys.executable, "-m", "scripts.talk", "--no-pdf", "-o", str(folder)]
    subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, timeout=200)
    return (folder / "talk.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def deck(tmp_path_factory):
    return made(tmp_path_factory.mktemp("talk"), "1")


def test_the_notes_make_up_the_time():
    notes = [[c for c in group if talk.kind_of(c) == "notes"] for group in by_slide()]
    assert 12 <= len(notes) <= 15
    assert {len(of_slide) for of_slide in notes} == {1}
    assert sum(talk.seconds_of(one.source) for (one,) in notes) == MINUTES * 60


def test_notes_without_a_time_are_refused():
    assert talk.seconds_of("**1:30** Say this.") == 90
    with pytest.raises(ValueError, match=r"begin with their time, as in \*\*1:30\*\*, not with"):
        talk.seconds_of("Say this in **1:30**")


def test_a_slide_has_few_words_and_no_code():
    for group in by_slide():
        shown = [cell for cell in group if talk.kind_of(cell) != "notes"]
        words = [c.source for c in shown if c.cell_type == "markdown"]
        assert len(" ".join(words).split()) <= WORDS, words[0]
        hidden = [
            c.metadata.get("jupyter", {}).get("source_hidden")
            for c in shown
            if c.cell_type == "code"
        ]
        assert all(hidden), words[0]


def test_what_only_jupyterlab_shows_stands_before_the_slides():
    kinds = [talk.kind_of(cell) for cell in CELLS]
    first = kinds.index("slide")
    assert set(kinds[:first]) == {"skip"}
    assert "skip" not in kinds[first:]
    assert CELLS[0].cell_type == "markdown"
    assert "To present" in CELLS[0].source


def test_one_file_that_asks_for_nothing(deck):
    assert len(deck.encode()) < 2_000_000
    assert "default-src 'none'" in deck
    assert not re.search(
        r"<(link|img|iframe|base)\b|\bsrc=|@import|url\(", deck.partition("<script")[0]
    )
    assert "In[" not in deck
    assert deck.count('<section class="slide') == len(by_slide())
    assert deck.count('<aside class="notes"') == len(by_slide())


def test_equal_cells_give_equal_bytes(deck, tmp_path):
    assert made(tmp_path, "2") == deck


def test_the_notes_know_when_their_slide_begins(deck):
    times = [tuple(map(int, pair)) for pair in re.findall(r'data-time="(\d+) (\d+)"', deck)]
    assert times[0][0] == 0
    assert times[-1][1] == MINUTES * 60
    assert [end for _, end in times[:-1]] == [begin for begin, _ in times[1:]]


def test_a_recorded_strip_has_what_the_kernel_did_in_its_order(deck):
    held = conform(load_recording("7.3-gmem"))
    seen = [held.recorded.events[number].function for number in held.matched]
    [alt] = re.findall(r'"name":"strips","title":"7.3-gmem","alt":"([^"]*)"', deck)
    recorded = alt.partition("simulated:")[0].split("\\n")[1:-1]
    names = [line.partition(" ")[0] for line in recorded]
    assert len(names) >= 5
    assert names == [name for name in dict.fromkeys(seen) if name in names]


def test_the_thread_s_question_and_the_survey_are_on_a_slide_each(deck):
    assert deck.count('class="slide is-whole"') == 1
    assert "super_operations of Linux 7.3" in deck
    assert deck.count("second create") > 1


@pytest.mark.node
def test_keys_and_the_clock(tmp_path):
    (tmp_path / "talk.mjs").write_text((talk.HERE / "talk.js").read_text(encoding="utf-8"))
    lines = """
    import assert from "node:assert/strict";
    import { clock, deckKey, stepOf } from "./talk.mjs";
    assert.deepEqual([0, 59.9, 90, 905].map(clock), ["0:00", "0:59", "1:30", "15:05"]);
    for (const isKept of [true, false]) {
      assert.deepEqual(deckKey("PageDown", isKept), { by: 1 });
      assert.deepEqual(deckKey("PageUp", isKept), { by: -1 });
      assert.deepEqual(deckKey("n", isKept), { does: "n" });
    }
    assert.deepEqual(deckKey("ArrowRight", true), {});
    assert.deepEqual(deckKey("ArrowRight", false), { by: 1 });
    assert.deepEqual(deckKey("b", false), {});
    assert.deepEqual(deckKey("", false), {});
    const player = { querySelector: (name) => ({ textContent: name === ".gmemviz-count" ? "2 / 7" : "evict" }) };
    assert.equal(stepOf({ querySelector: () => player }), "step 2 / 7: evict");
    assert.equal(stepOf({ querySelector: () => null }), "");
    """
    (tmp_path / "test.mjs").write_text(lines)
    command = ["node", str(tmp_path / "test.mjs")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_a_qr_code_says_the_address_and_needs_no_style_of_its_own():
    shown = talk.qr_code("https://example.org/gmemviz")
    assert "<figcaption>https://example.org/gmemviz</figcaption>" in shown
    assert shown.count("<svg") == 1
    assert "style=" not in shown
    assert shown != talk.qr_code("https://example.org/other")
