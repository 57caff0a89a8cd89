"""Each command with each of its options: it is used, or refused in a sentence; never ignored."""

import argparse
import shlex
import subprocess
import sys

import pytest

from gmemviz.cli import census
from gmemviz.cli.commands import READS, add_command
from gmemviz.cli.draw import PICTURES
from gmemviz.facts import kernels
from gmemviz.record.boot import ACCELERATORS
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
    helps = {
        (command, action.dest): action.help or ""
        for command in commands()
        for action in actions(command)
    }
    assert helps["draw", "picture"] == ", ".join(PICTURES)
    assert helps["matrix", "kernel"] == ", ".join(kernels())
    assert helps["record", "kernel"] == f"an image, one that you added, {' or '.join(kernels())}"
    assert helps["record", "accel"].startswith(
        f"{' or '.join(ACCELERATORS)} ({ACCELERATORS[0]}: kvm where it works)"
    )
    assert not [said for said in helps.values() if "{" in said]
    for command, parser in commands().items():
        assert "{" not in f"{parser.description}{parser.epilog}", command


def test_a_command_that_is_not_typed_is_a_line_in_the_list():
    parsers = argparse.ArgumentParser().add_subparsers()
    add_command(parsers, "probe", is_typed=False)
    add_command(parsers, "census", is_typed=True)
    assert len(parsers.choices["probe"]._actions) == 1  # --help
    assert parsers.choices["census"].get_default("answer") is census.command


@pytest.mark.parametrize("line", ["check shmem-7.3", "explain evict_inode"])
def test_an_answer_loads_nothing_that_it_does_not_need(line):
    code = f"""
import sys
from gmemviz.cli.main import main
main({line.split()})
print(*sorted(sys.modules), file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert loaded >= {"gmemviz.cli.main", "gmemviz.model"}
    for room in (
        "gmemviz.probe",
        "gmemviz.cli.draw",
        "gmemviz.render",
        "gmemviz.extract.deeds",
        "graphviz",
        "pandas",
    ):
        assert room not in loaded, room


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
