"""gmemviz help: the same as a command's own --help, and gmemviz alone as gmemviz --help."""

import pytest

from tests.cli.lines import commands


@pytest.mark.parametrize("command", commands())
def test_help_is_what_the_command_says_itself(run, command):
    status, out, _ = run("help", command)
    assert status == 0
    said = run(command, "--help")[1]
    assert out.split() == said.split() or command == "conform"  # which is called validate there
    assert out.startswith("usage: gmemviz ")


@pytest.mark.parametrize("line", ["", "help", "--help"])
def test_without_a_command_all_are_listed(run, line):
    status, out, err = run(line)
    assert (status, err) == (0, "")
    assert out == run("help")[1]
    assert "explore a Design and say what breaks" in out


def test_what_is_no_command_is_refused_with_the_nearest(refused):
    assert "did you mean matrix?" in refused("help matirx")
