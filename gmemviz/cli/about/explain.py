"""gmemviz explain: what a word means, which kernel function is behind it, and what shows it.

Status 0; 2 for a word that no list has, with the nearest of those that they have.
"""

from argparse import Namespace
from collections.abc import Iterator
from itertools import chain

from gmemviz.cli.commands import command_help, command_names
from gmemviz.cli.line import Answer
from gmemviz.errors import UnknownNameError
from gmemviz.study import Explained, explain, lists
from gmemviz.text import wrap


def command(arguments: Namespace) -> Answer:
    """Return what a word means, or the lists of all words where none is given; status 0."""
    if not arguments.word:
        words = {name: [found.word for found in several] for name, several in lists().items()}
        lines = (_list(name, several) for name, several in words.items())
        return Answer("\n".join(chain.from_iterable(lines)), words, output="words")
    # A line of a body is more than one word, and needs no quotes.
    found = _explained(" ".join(arguments.word))
    text = "\n\n".join("\n".join(_lines(word)) for word in found)
    return Answer(text, [word._asdict() for word in found], output="word")


# What is typed after gmemviz is a word, too, which no list of the model has.
def _explained(word: str) -> tuple[Explained, ...]:
    try:
        return explain(word)
    except UnknownNameError:
        if word not in command_names():
            raise
        return (Explained(word, "command", command_help(word), example=f"gmemviz help {word}"),)


def _list(name: str, words: list[str]) -> list[str]:
    # A word may stand in a list more than once, as a filesystem with two tables.
    several = ", ".join(dict.fromkeys(words))
    return wrap(several, first=f"{name}: ", rest="    ")


def _lines(found: Explained) -> Iterator[str]:
    yield f"{found.word} ({found.of})"
    yield from wrap(found.says, first="  ", rest="  ")
    if found.source:
        yield from wrap(found.source, first="  source: ", rest="          ")
    if found.example:
        yield from wrap(found.example, first="  as in: ", rest="         ")
    if found.state:
        yield f"  shown by: gmemviz check --state {found.state}"
