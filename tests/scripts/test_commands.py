"""The pages that readers start from say what the command says."""

import re
from pathlib import Path

import pytest

from gmemviz.cli import main
from scripts.commands import PAGE, head, page, parts

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = [line for part in parts() for line in part["lines"] if line["shows"]]
LINK = re.compile(r"\]\(([^)#:]+)\)")


@pytest.mark.parametrize("line", SHOWN, ids=[line["typed"] for line in SHOWN])
def test_an_answer_is_what_the_command_says(line):
    answer = head(line["typed"], line["shows"])
    assert f"$ gmemviz {line['typed']}\n{answer}\n```" in PAGE.read_text(encoding="utf-8")


def test_the_page_has_nothing_else(monkeypatch):
    monkeypatch.setattr("scripts.commands.head", lambda typed, shows: "ANSWER")
    made = re.sub(r"(\$ gmemviz [^\n]*)\n(?!```).*?\n```", r"\1\n```", page(), flags=re.DOTALL)
    kept = PAGE.read_text(encoding="utf-8")
    kept = re.sub(r"(\$ gmemviz [^\n]*)\n(?!```).*?\n```", r"\1\n```", kept, flags=re.DOTALL)
    assert made == kept


def test_a_long_answer_says_how_much_is_left_out():
    lines = head("check guest_memfd-7.3", 2).splitlines()
    assert len(lines) == 3
    assert re.fullmatch(r"\.\.\. \(\d+ more lines\)", lines[-1])


def test_the_readme_s_answer_stands_on_the_page():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    (answer,) = re.findall(r"```console\n\$ (gmemviz .*?)```", readme, flags=re.DOTALL)
    typed, *lines = answer.splitlines()
    text = PAGE.read_text(encoding="utf-8")
    block = text[text.index(f"$ {typed}") :]
    assert "\n".join(lines) in block[: block.index("```")]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_link_leads_somewhere(path):
    targets = LINK.findall(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not (path.parent / target).exists()] == []


def test_the_design_of_the_page_is_one(tmp_path, capsys):
    text = (ROOT / "docs" / "designs.md").read_text(encoding="utf-8")
    (toml,) = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    file = tmp_path / "mine.toml"
    file.write_text(toml)
    assert main(["check", "--design", str(file)]) in {0, 1, 3}
    assert "Verdict: " in capsys.readouterr().out
