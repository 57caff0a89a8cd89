"""The notebooks are one suite: in one order, linked alike, and listed as they are."""

import re
from pathlib import Path

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.study import State, replay
from scripts.notebooks import read

FOLDER = Path(__file__).parent.parent / "notebooks"
LABELS = {
    "00_start_here": "00 Start here",
    "01_super_operations": "01 Who may clean up",
    "02_inode_states": "02 Which states, and who holds it",
    "03_teardown": "03 The whole road",
    "04_where_to_keep_metadata": "04 Where to keep metadata",
    "05_check_every_design": "05 Check every Design",
    "06_probe_kvm": "06 What does this kernel do?",
    "07_real_kernel": "07 Does a real kernel do it?",
    "08_history": "08 How it came about",
    "09_answers": "09 The thread's questions, answered",
    "10_confirmed": "10 Does Linux agree?",
    "11_every_filesystem": "11 What their own source allows",
    "talk": "The talk",
}
NAMES = tuple(LABELS)
NUMBERED = NAMES[:-1]
EVIDENCE = ("simulated", "extracted", "probed", "recorded")
LINK = re.compile(r"\[([^\]]*)\]\(([^)]*\.ipynb)[^)]*\)")
ROW = re.compile(r"\| \[([^\]]+)\]\((\w+)\.ipynb\) \| ([^|]+) \| ([^|]+) \| (\d+) \| (\d+) \|")

every_name = pytest.mark.parametrize("name", NAMES)
numbered = pytest.mark.parametrize("name", NUMBERED)


def cells(name):
    return read(FOLDER / f"{name}.ipynb").cells


def prose(name):
    return [cell.source for cell in cells(name) if cell.cell_type == "markdown"]


def headings(name, sign):
    return [line for text in prose(name) for line in text.splitlines() if line.startswith(sign)]


def link(name):
    return f"[{LABELS[name]}]({name}.ipynb)"


def navigation(name):
    """Return the line that leads from a notebook to its neighbours."""
    at = NAMES.index(name)
    if at == 0:
        return "Next: " + ", ".join(map(link, NAMES[1:]))
    return f"Previous: {link(NAMES[at - 1])}, next: {link(NAMES[at + 1])}"


def test_the_notebooks_are_these():
    assert sorted(path.stem for path in FOLDER.glob("*.ipynb")) == sorted(NAMES)


@numbered
def test_first_and_last_cell_lead_on(name):
    texts = prose(name)
    assert [cells(name)[at].cell_type for at in (0, -1)] == ["markdown"] * 2
    assert [text.splitlines().count(navigation(name)) for text in (texts[0], texts[-1])] == [1, 1]


def test_the_talk_leads_to_the_start():
    assert link("00_start_here") in prose("talk")[0]


@every_name
def test_links_to_notebooks_resolve_and_say_where_they_lead(name):
    for text, target in LINK.findall("\n".join(prose(name))):
        assert (FOLDER / target).is_file(), f"{target}, linked as {text!r}"
        assert text in (LABELS[Path(target).stem], Path(target).stem[:2])


@numbered
def test_one_question(name):
    (title,) = headings(name, "# ")
    assert title.endswith("?")
    assert cells(name)[0].source.startswith(title)


def test_the_readme_lists_the_notebooks_as_they_are():
    rows = ROW.findall((FOLDER / "README.md").read_text(encoding="utf-8"))
    assert [(label, name) for label, name, *_ in rows] == [(LABELS[n], n) for n in NAMES]
    titles = [headings(name, "# ")[0].removeprefix("# ") for name in NAMES]
    assert [question for _, _, question, *_ in rows] == titles
    assert all(1 <= int(minutes) <= 30 and int(seconds) < 60 for *_, minutes, seconds in rows)


# --- 09: every question has its answer, and the answer its evidence ----------------------


def answered():
    """Return the cells of each question of 09, the first of them with its heading."""
    asked = {}
    for cell in cells("09_answers"):
        if cell.source.startswith("## "):
            asked[cell.source.splitlines()[0]] = question = []
        if asked:
            question.append(cell)
    *questions, own_try = asked.items()
    assert "Explorer(state=" in own_try[1][1].source
    return dict(questions)


def test_every_answer_says_its_evidence_and_asserts_it():
    assert len(answered()) >= 13
    for question, found in answered().items():
        text = "\n".join(cell.source for cell in found if cell.cell_type == "markdown")
        code = "\n".join(cell.source for cell in found if cell.cell_type == "code")
        assert question.endswith("?")
        assert re.search(r"^\*\*[^*]+\*\*", text, re.MULTILINE), question
        assert any(word in text.lower() for word in EVIDENCE), question
        assert "\nassert " in f"\n{code}" or "\n    assert " in code, question


def strings():
    """Return what 09 offers to replay, with the Explorer's own state."""
    text = "\n".join(prose("09_answers"))
    lines = [line for line in text.splitlines() if line.startswith("Replay: ")]
    own = [c.source for c in cells("09_answers") if c.source.startswith("Explorer(state=")]
    return re.findall(r"`([^`]+)`", "\n".join(lines)) + re.findall('"([^"]+)"', "\n".join(own))


def test_every_string_replays():
    assert len(strings()) >= 15
    for string in strings():
        assert replay(State.parse(string)).steps, string
    with pytest.raises(GmemvizError):
        replay(State.parse("6.12/own/i_private/free-all/rcu-blob/to-leak"))
