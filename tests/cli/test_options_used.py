"""Each command with each of its options: it is used, or refused in a sentence; never ignored."""

import shlex

import pytest

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
