"""gmemviz completion: the scripts are those of commands.toml, and bash completes by them."""

import subprocess

import pytest

from gmemviz.cli.about.completion import SHELLS
from gmemviz.facts import kernels, snapshots
from gmemviz.study import designs
from scripts import completion
from tests.cli.lines import actions, commands


@pytest.mark.parametrize(("shell", "first"), SHELLS.items())
def test_a_script_is_what_the_commands_come_to(run, shell, first):
    status, out, _ = run("completion", shell)
    assert (status, out) == (0, first + completion.script())
    assert out.startswith("#compdef gmemviz\n") == (shell == "zsh")


def test_no_other_shell(refused):
    assert "did you mean bash?" in refused("completion bahs")


def completed(*typed):
    """Return what bash offers for the last of the words typed after gmemviz."""
    words = " ".join(f'"{word}"' for word in ("gmemviz", *typed))
    asked = f"""
    source {completion.FOLDER}/completion.bash
    COMP_WORDS=({words}) COMP_CWORD={len(typed)}
    _gmemviz gmemviz "{typed[-1]}" "{["gmemviz", *typed][-2]}"
    printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(["bash", "-c", asked], capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.parametrize("command", commands())
def test_every_option_of_the_parser_is_offered(command):
    assert command in completed(command)
    options = {option for action in actions(command) for option in action.option_strings}
    assert set(completed(command, "-")) == {"--help", *options}


def test_a_word_is_completed_from_the_list_that_the_option_takes():
    assert completed("check", "--kernel", "") == list(kernels())
    assert completed("check", "--cleanup", "destroy+") == ["destroy+free"]
    assert completed("check", "--all", "shmem-") == ["shmem-6.12", "shmem-7.3"]
    assert completed("check", "")[: len(designs())] == list(designs())
    assert completed("list", "kernel-") == ["kernel-words"]
    assert completed("validate", "7.3-gmem-o") == ["7.3-gmem-opath"]
    assert completed("help", "comp") == ["compare", "completion"]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (("derive", "ex"), ["exfat", "ext2", "ext4"]),
        (("check", "ext"), ["ext2", "ext4"]),
        (("check", "--fs", "ext"), ["ext2", "ext4"]),
        (("draw", "calls", "--fs", "ext"), ["ext2", "ext4"]),
        (("census", ""), list(snapshots())),
        (("calls", "evict_i"), ["evict_inode"]),
        (("explain", "use-a"), ["use-after-free"]),
        (("kernels", "f"), ["fetch"]),
    ],
)
def test_what_a_help_does_not_spell_out_is_offered_too(typed, offered):
    assert [word for word in completed(*typed) if word in offered] == offered
    assert len(completed(*typed)) < 12


@pytest.mark.parametrize("option", ["--design", "--runs", "--tree"])
def test_where_no_word_is_known_none_is_offered(option):
    """So that bash takes file names, by `complete -o default`."""
    assert completed("check", option, "") == []
