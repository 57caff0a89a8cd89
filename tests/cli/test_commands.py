"""Each command with each of its options: it is used, or refused in a sentence; never ignored."""

import shlex

import pytest

from gmemviz.cli.commands import READS, _words
from gmemviz.cli.draw import PICTURES
from gmemviz.facts import kernels
from tests.cli.lines import BASES, actions, commands, value, without, words

CASES = [
    pytest.param(line, command, action, id=f"{line} with {[action.dest, *action.option_strings][-1]}")
    for command in commands()
    for line in BASES.get(command, ())
    for action in actions(command)
    if action.option_strings or action.nargs == "?"
]  # fmt: skip


ANSWERED = {}


def plain(typed, line):
    """Return what a line of BASES comes to, typed once for all of its options."""
    if line not in ANSWERED:
        ANSWERED[line] = typed(shlex.split(line))
    return ANSWERED[line]


def test_every_command_has_a_line_and_every_option_a_value():
    assert set(BASES) == set(commands())
    for command in commands():
        for action in actions(command):
            assert action.nargs == 0 or value(command, action).good, f"{command}: {action.dest}"


@pytest.mark.parametrize("line", [line for lines in BASES.values() for line in lines])
def test_the_lines_are_answered(typed, line):
    status, out, err, files = plain(typed, line)
    assert status != 2, err
    assert out or files


@pytest.mark.parametrize(("line", "command", "action"), CASES)
def test_an_option_is_used_or_refused(typed, line, command, action):
    shorter, is_there = without(line, action)
    good = "" if action.nargs == 0 else value(command, action).good
    more = [] if is_there and action.nargs == 0 else words(action, good)
    before = plain(typed, line)
    status, out, err, files = typed([*shorter, *more])
    if status == 2:
        assert (out, err.count("\n"), files) == ("", 1, {})
    else:
        assert (status, out, files) != (before[0], before[1], before[3])


def test_the_words_that_are_allowed_stand_in_the_help():
    words = _words()
    assert words["draw"]["takes"][0]["help"] == ", ".join(PICTURES)
    assert words["matrix"]["takes"][0]["help"] == ", ".join(kernels())
    assert "{" not in str([entry.get("epilog") for entry in words.values() if "takes" in entry])
    for command in commands():
        assert not [action for action in actions(command) if "{" in (action.help or "")]


def test_each_argument_is_read_as_its_row_says():
    by_option = {option: action for action in actions("draw") for option in action.option_strings}
    assert by_option["--step"].type is READS["from 1"]
    assert by_option["--output"] is by_option["-o"]
    assert by_option["--output"].required
    (export,) = [action for action in actions("export") if action.dest == "compare"]
    assert (export.nargs, export.metavar) == (2, ("A", "B"))


def test_two_sources_are_not_taken_at_once(typed):
    status, _, err, _ = typed(["calls", "evict", "--kernel", "7.3", "--tree", "tree"])
    assert (status, "not allowed with argument --kernel" in err) == (2, True)
