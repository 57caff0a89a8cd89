"""`make setup`: what it does with and without a network, and when two of them start at once.

The environment's Python is a small script that writes down what it was asked.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts import install

ROOT = Path(__file__).parents[2]
# What is missing stands in the file `unmet`; a file `offline` makes every index unreachable.
PYTHON = """\
#!/bin/sh
here=$(dirname "$0")/..
case "$*" in
    *"pip install"*)
        echo begin >>"$here/log"; sleep "${SLOW:-0}"
        echo "$*" >>"$here/log"
        case "$*" in *--no-index*) exit 0 ;; esac
        if [ -e "$here/offline" ]; then echo 'ERROR: no network' >&2; exit 1; fi
        : >"$here/unmet" ;;
    *"pip --version"*) ;;
    *) cat "$here/unmet" ;;
esac
"""


@pytest.fixture
def checkout(tmp_path):
    """A checkout of its own, with an environment that nothing was installed into yet."""
    (tmp_path / "scripts").mkdir()
    for name in ("pyproject.toml", "scripts/install.py", "scripts/lab_settings.json", "Makefile"):
        shutil.copy(ROOT / name, tmp_path / name)
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs.parent / "pyvenv.cfg").touch()
    (programs.parent / "unmet").touch()
    (programs / "python").write_text(PYTHON, encoding="utf-8")
    (programs / "python").chmod(0o755)
    return tmp_path


def start(checkout, extras="test,dev", **env):
    return subprocess.Popen(
        [sys.executable, "scripts/install.py", ".venv", extras],
        cwd=checkout, env=os.environ | env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def run(checkout, extras="test,dev"):
    started = start(checkout, extras)
    out, err = started.communicate(timeout=30)
    return started.returncode, out, err


def installs(checkout):
    log = checkout / ".venv" / "log"
    return log.read_text().splitlines()[1::2] if log.is_file() else []


def change(checkout, old, new):
    file = checkout / "pyproject.toml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def go_offline(checkout, *unmet):
    (checkout / ".venv" / "offline").touch()
    (checkout / ".venv" / "unmet").write_text("".join(f"{line}\n" for line in unmet))


def test_installed_once_with_the_settings(checkout):
    status, out, err = run(checkout)
    assert (status, err) == (0, "")
    assert out.startswith("installing gmemviz[test,dev] into ")
    assert run(checkout) == (0, "", "")
    assert len(installs(checkout)) == 1
    made = checkout / ".venv" / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    assert made.read_text() == (ROOT / "scripts" / "lab_settings.json").read_text()


def test_the_first_time_needs_the_network_and_says_so(checkout):
    go_offline(checkout)
    status, _, err = run(checkout)
    assert status == 1
    assert err.splitlines()[0] == "ERROR: no network"
    assert err.splitlines()[-1].endswith("could not be filled: the first time needs the network")
    (checkout / ".venv" / "offline").unlink()
    assert run(checkout)[0] == 0  # half an environment is never taken for a whole one


def test_what_asks_for_nothing_new_needs_no_network(checkout):
    run(checkout)
    go_offline(checkout)
    change(checkout, "line-length = 100", "line-length = 90")
    assert run(checkout) == (0, "", "")
    assert len(installs(checkout)) == 1
    change(checkout, 'keywords = ["linux"', 'keywords = ["Linux"')
    assert run(checkout) == (0, "", "")
    assert "--no-index" in installs(checkout)[-1]
    run(checkout)
    assert len(installs(checkout)) == 2


def test_offline_it_goes_on_with_what_is_there_and_says_what_it_could_not_renew(checkout):
    run(checkout)
    go_offline(checkout, "pandas<5,>=4 is there as 3.0", "new<2,>=1 is not there")
    change(checkout, '"pandas>=3.0,<4"', '"pandas>=4,<5"')
    for _ in range(2):  # it is tried again as long as it did not work
        status, _, err = run(checkout)
        assert status == 0
        (line,) = err.splitlines()
        assert line.endswith(
            "could not be renewed and is used as it is: "
            "pandas<5,>=4 is there as 3.0, new<2,>=1 is not there"
        )
    (checkout / ".venv" / "offline").unlink()
    assert run(checkout)[::2] == (0, "")
    assert len(installs(checkout)) == 4
    assert run(checkout) == (0, "", "")


def test_other_extras_and_a_moved_checkout_are_something_new(checkout, tmp_path_factory):
    run(checkout)
    run(checkout, "test,dev,cluster")
    assert installs(checkout)[-1].endswith("[test,dev,cluster]")
    moved = tmp_path_factory.mktemp("moved") / "checkout"
    checkout.rename(moved)
    run(moved, "test,dev,cluster")
    assert installs(moved)[-1].endswith(f"{moved}[test,dev,cluster]")


def test_an_extra_that_nobody_knows(checkout):
    status, _, err = run(checkout, "test,clutser")
    assert (status, installs(checkout)) == (1, [])
    assert err.startswith("no extra is called 'clutser' (did you mean 'cluster'?); there are ")


def test_a_folder_that_is_no_environment_is_left_alone(checkout):
    for name in (".venv/bin/python", ".venv/pyvenv.cfg"):
        (checkout / name).unlink()
    (checkout / ".venv" / "mine.txt").touch()
    status, _, err = run(checkout)
    assert status == 1
    assert "is no virtual environment: name another one with VENV=FOLDER" in err
    assert (checkout / ".venv" / "mine.txt").exists()


def wait_for(path):
    deadline = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_of_two_at_once_one_waits_and_finds_all_done(checkout):
    first = start(checkout, SLOW="1")
    wait_for(checkout / ".venv" / "log")
    status, _, err = run(checkout)
    assert status == 0
    assert err.startswith("waiting for another make that installs into ")
    assert first.wait(timeout=20) == 0
    first.communicate()
    assert (checkout / ".venv" / "log").read_text().splitlines()[::2] == ["begin"]


def test_who_is_killed_holds_nobody_up_but_its_pip_does(checkout):
    first = start(checkout, SLOW="1")
    wait_for(checkout / ".venv" / "log")
    first.kill()
    first.communicate()
    assert run(checkout)[0] == 0
    lines = (checkout / ".venv" / "log").read_text().splitlines()
    assert lines[::2] == ["begin", "begin"]  # one after the other


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("pytest>=9", ""),
        ("pytest>=9\nno-such-package>=1", "no-such-package>=1 is not there\n"),
        ("pytest<2; python_version < '3'", ""),
        ("pytest<2", f"pytest<2 is there as {pytest.__version__}\n"),
    ],
)
def test_what_an_environment_does_not_meet(asked, said):
    command = [sys.executable, "-I", "-c", install.UNMET]
    done = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    assert done.stdout == said


def test_a_part_may_bring_another_one():
    parts = {
        "draw": ["graphviz>=0.21"],
        "lab": ["gmemviz[draw]", "pandas>=3"],
        "test": ["pytest>=9"],
    }
    project = {"dependencies": ["json>=1"], "optional-dependencies": parts}
    asked = install.requirements(project, ["lab", "test"])
    assert asked == ["json>=1", "graphviz>=0.21", "pandas>=3", "pytest>=9"]
