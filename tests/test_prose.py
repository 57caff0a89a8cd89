"""What we write can be looked up, and read aloud: README, docs, notebooks and help.

A word that looks technical (code, capitals, an underscore) is one that `gmemviz explain` answers;
what it need not answer stands in prose_exceptions.toml, with the reason. Whoever opens README or
the first two notebooks meets no sentence of more than 25 words.
"""

import json
import re
import tomllib
from pathlib import Path

import pytest

import gmemviz
from gmemviz.cli.commands import add_command, command_names
from gmemviz.cli.line import Parser
from gmemviz.facts import kernels, load
from gmemviz.study import lists

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
PAGES = [
    ROOT / "README.md",
    ROOT / "notebooks" / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
]
FIRST = [ROOT / "README.md", *NOTEBOOKS[:2]]
EXCEPTIONS = tomllib.loads((Path(__file__).parent / "prose_exceptions.toml").read_text("utf-8"))

LONGEST = 25
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"(?<=\])\([^)]*\)|<[^>]*>|https?://\S+")
NAME = re.compile(r"[A-Za-z_]\w*")
TECHNICAL = re.compile(r"(?<![\w$/-])(?:[A-Z]{2}\w*|\w*[a-z0-9]_\w*)(?![\w/-])")
ALONE = re.compile(r"\b(?:give|name|choose|take|use) one of [^,.;:]* or\b", re.IGNORECASE)
"""One option that follows a list of them, as if it were in it: "give one of A, B or C" is meant."""


def text_of(file):
    if file.suffix != ".ipynb":
        return file.read_text(encoding="utf-8")
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


def help_of(name):
    parser = add_command(Parser(prog="gmemviz").add_subparsers(), name, is_typed=True)
    return "\n".join(filter(None, (parser.description, parser.epilog)))


def told():
    """Return all that is answered: words, functions, commands, and what Python has."""
    words = {found.word for several in lists().values() for found in several}
    functions = {name for kernel in kernels() for name in load(kernel).functions}
    known = {*words, *functions, *command_names(), *gmemviz.EXPORTS}
    parts = {name for word in words for name in NAME.findall(word)}
    return {word.casefold() for word in known | parts}


def technical(text):
    """Yield names in code of one word, and in prose what is written as no English word is."""
    text = TARGET.sub(" ", FENCED.sub("", text))
    for code in re.findall(r"`([^`\n]+)`", text):
        plain = code.removeprefix("->").removeprefix(".").removesuffix("()")
        yield from [plain] if NAME.fullmatch(plain) else ()
    yield from TECHNICAL.findall(re.sub(r"`[^`]*`", " ", text))


def sentences(text):
    for block in re.split(r"\n\s*\n|\n(?=\s*[-*] )", FENCED.sub("\n\n", text)):
        if not block.startswith(("|", "#", "!", "Next:", "Previous:")):
            plain = " ".join(TARGET.sub("", block).split())
            yield from re.split(r"(?<=[.?!])[)*]*\s+", plain)


KNOWN = told()
EXCUSED = {word.casefold() for group in EXCEPTIONS.values() for word in group["words"]}
TEXTS = {file.relative_to(ROOT).as_posix(): text_of(file) for file in (*PAGES, *NOTEBOOKS)}
TEXTS |= {f"gmemviz {name} --help": help_of(name) for name in command_names()}


def is_told(word):
    plain = word.casefold()
    return bool({plain, plain.removesuffix("s")} & (KNOWN | EXCUSED))


@pytest.mark.parametrize("name", TEXTS)
def test_every_technical_word_is_explained(name):
    assert sorted({word for word in technical(TEXTS[name]) if not is_told(word)}) == []


@pytest.mark.parametrize("name", TEXTS)
def test_no_option_stands_alone_behind_a_list(name):
    assert ALONE.findall(TEXTS[name]) == []


@pytest.mark.parametrize("file", FIRST, ids=lambda file: file.name)
def test_a_first_sentence_is_short(file):
    long = [
        each for each in sentences(text_of(file)) if len(re.findall(r"[^\s\W]\S*", each)) > LONGEST
    ]
    assert long == []


def test_an_exception_has_a_reason_and_is_needed():
    used = {word.casefold() for text in TEXTS.values() for word in technical(text)}
    for group in EXCEPTIONS.values():
        assert group["because"]
        for word in group["words"]:
            assert word.casefold() not in KNOWN, f"{word} is explained"
            assert {word.casefold(), f"{word}s".casefold()} & used, f"{word} is nowhere"


def test_what_is_looked_for_is_found():
    assert list(technical("see `.foo_bar()` and MMU, not `a = b` nor [x](a_b.md)")) == [
        "foo_bar",
        "MMU",
    ]
    assert not is_told("foo_bar")
    assert ALONE.search("give one of --a and --b or --c alone")
