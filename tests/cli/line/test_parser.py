"""Whatever is misspelt on a command line is refused in one sentence, with the nearest word."""

import shlex
from argparse import ArgumentTypeError, Namespace

import pytest

from gmemviz.cli import main
from gmemviz.cli.line.parser import Parser, names, refuse, time_limit, whole
from gmemviz.errors import GmemvizError
from tests.cli.lines import BASES, actions, commands, value, without, words


def swapped(word):
    """Return the word with two letters near its end the other way round."""
    at = next(n for n in range(len(word) - 2, 0, -1) if "-" != word[n] != word[n + 1])
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def refused(typed, line):
    status, out, err, files = typed(line)
    assert (status, out, files) == (2, "", {}), line
    assert err.startswith("gmemviz: ")
    assert err.count("\n") == 1
    return err


OPTIONS = [
    pytest.param(command, option, id=f"{command} {option}")
    for command in commands()
    for action in actions(command)
    for option in action.option_strings
    if option.startswith("--")
]
TAKES = [
    pytest.param(command, action, id=f"{command} {action.dest}")
    for command in commands()
    for action in actions(command)
    if action.nargs != 0
]  # fmt: skip


WORDS = [one for one in TAKES if value(*one.values).near[:1] not in ("", ".")]  # and no files


@pytest.mark.parametrize("command", commands())
def test_a_command(typed, command):
    assert f"did you mean {command}?" in refused(typed, [command + command[-1]])


@pytest.mark.parametrize("wrong", [swapped, lambda option: option[:-1], str.upper])
@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_an_option(typed, command, option, wrong):
    for line in (BASES[command][0], command):  # also where something else is missing
        err = refused(typed, [*shlex.split(line), wrong(option)])
        assert f"did you mean {option}?" in err


@pytest.mark.parametrize(("command", "action"), TAKES)
def test_a_word(typed, command, action):
    row = value(command, action)
    if row.wrong:
        err = refused(typed, line_with(command, action, row.wrong))
        assert row.near in err.partition("must be one of")[0] or f"did you mean {row.near}" in err


@pytest.mark.parametrize("nothing", ["", " ", "\t"])
@pytest.mark.parametrize(("command", "action"), TAKES)
def test_nothing(typed, command, action, nothing):
    assert "says nothing" in refused(typed, line_with(command, action, shlex.quote(nothing)))


@pytest.mark.parametrize(("command", "action"), WORDS)
def test_what_does_not_print_or_end_is_shown_short(typed, command, action):
    err = refused(typed, line_with(command, action, shlex.quote("\x1b[2J" + "y" * 3000)))
    assert err.rstrip("\n").isprintable()
    assert len(err) < 1500


@pytest.mark.parametrize(("command", "option"), OPTIONS)
def test_an_option_given_twice(typed, command, option):
    (action,) = (one for one in actions(command) if option in one.option_strings)
    text = "" if action.nargs == 0 else value(command, action).good
    err = refused(typed, [*shlex.split(BASES[command][0]), *(2 * words(action, text))])
    assert "twice" in err


def line_with(command, action, text):
    """Return a line of BASES in which `text` stands for what the action takes."""
    if action.option_strings:
        line = next((base for base in BASES[command] if action.option_strings[-1] in base), "")
        said, _ = without(line or BASES[command][0], action)
        return [*said, *words(action, text)]
    place = [one.dest for one in actions(command) if not one.option_strings].index(action.dest)
    _, *rest = shlex.split(BASES[command][0])
    return [command, *rest[:place], *shlex.split(text), *rest[place + 1 :]]


@pytest.mark.parametrize(
    "line", ["calls evict --depth {}", "designs --metadata flags --kernel 7.3 --first {}"]
)
def test_a_number_of_many_digits_is_bad_input(capsys, line):
    assert main(line.format("1" * 4301).split()) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("limit", ["\u0663", "1_0", "inf", "nan", "1e400", ".", " 5", "0x5", "5s"])
def test_a_time_is_typed_in_plain_digits(capsys, limit):
    assert main(["record", "gmem", "--kernel", "7.3", "--limit", limit]) == 2
    assert "must be seconds" in capsys.readouterr().err


def test_a_wrong_call_is_not_our_fault(capsys):
    assert main(["calls", "evict", "--depth", "0"]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_a_word_becomes_a_value():
    assert names("a, b") == ("a", "b")
    assert (whole(0)("0"), whole(1)("999999999")) == (0, 999_999_999)
    assert (time_limit("1e2"), time_limit("0.5")) == (100.0, 0.5)
    for read, word in ((names, "a,,b"), (whole(2), "1"), (whole(1), "1000000000"), (whole(0), "-1"),
                       (time_limit, "0"), (time_limit, "86401"), (time_limit, "1.2.3")):  # fmt: skip
        with pytest.raises(ArgumentTypeError, match="must be"):
            read(word)


def test_what_nothing_would_use_is_refused_by_its_first_word():
    arguments = Namespace(depth=0, noise=False, fs=None, callers=True)
    refuse(arguments, "a hook", ("noise", "fs"))
    with pytest.raises(GmemvizError, match="it takes no depth, which is for functions"):
        refuse(arguments, "a hook", ("noise", "depth", "callers"), of="functions")
    with pytest.raises(GmemvizError, match="a hook: it takes no callers"):
        refuse(arguments, "a hook", ("callers",))


@pytest.mark.parametrize(
    "line",
    ["a b --one x --flag", "--one x a --flag b", "a --one=x b --flag", "--flag -ox a b",
     "--one x --flag -- a b"],
)  # fmt: skip
def test_options_may_stand_among_a_list_of_words(line):
    parser = Parser(prog="p")
    parser.add_argument("first", nargs="?")
    parser.add_argument("more", nargs="*")
    parser.add_argument("--one", "-o")
    parser.add_argument("--flag", action="store_true")
    assert vars(parser.parse_args(line.split())) == {
        "first": "a", "more": ["b"], "one": "x", "flag": True,
    }  # fmt: skip
    for missing in ("a --one", "a --one --flag b"):
        with pytest.raises(GmemvizError, match="expected one argument"):
            parser.parse_args(missing.split())
