"""One button asks a kernel: the Explorer stays free, and an answer stands with its Design."""

import html
import re
import subprocess
import sys
import time

import pytest
from ipywidgets.widgets.widget import _instances

from gmemviz.errors import MissingToolError
from gmemviz.study.confirmed import confirmed, told
from gmemviz.widget import Explorer, ask_linux
from tests.widget.fake_kernel import (
    LABEL,
    LEAK,
    LINE,
    RELEASE,
    answered,
    ask,
    news,
    over,
    said,
    threads,
)


def test_it_asks_the_designs_own_kernel_in_a_thread_and_says_how_far_it_is(explorer, fake):
    ask(explorer)
    until = time.monotonic() + 10
    before = said(explorer)
    while "building" not in news(explorer) and time.monotonic() < until:
        time.sleep(0.01)
    title = explorer.design.title
    assert f"asking Linux about {title}: building &lt;the&gt; module" in news(explorer)
    assert told(LEAK, ["leak"]).splitlines()[0] in said(explorer)  # until there is more to say
    assert said(explorer) == before
    assert explorer._asking.button.description == "stop asking"
    fake.may_answer.set()
    over(threads())
    assert fake.asked == [(title, "7.3", True)]
    assert explorer._asking.button.description == "ask Linux"


def test_a_second_click_stops_the_guest(explorer, fake):
    before = explorer.state, said(explorer)
    ask(explorer)
    ask(explorer)
    assert fake.stop.is_set()
    fake.may_answer.set()
    over(threads())
    assert news(explorer).endswith(f"{explorer.design.title}: it was stopped</small>")
    assert (explorer.state, said(explorer)) == before
    assert "agrees" in answered(explorer, fake)  # and it can be asked again
    assert len(fake.asked) == 2


def test_what_is_missing_is_said_before_it_is_asked(explorer, fake, monkeypatch):
    missing = {"7.3": "kernel 7.3 is not here: `gmemviz kernels fetch 7.3` brings <it>", "6.12": ""}
    monkeypatch.setattr(ask_linux, "cannot_ask", missing.__getitem__)
    explorer._rows["kernel"]._buttons["6.12"].value = True
    assert (news(explorer), explorer._asking.button.tooltip) == ("", ask_linux.HOW.format("6.12"))
    explorer._rows["kernel"]._buttons["7.3"].value = True
    sentence = (
        "Linux cannot be asked yet: kernel 7.3 is not here: `gmemviz kernels fetch 7.3` brings"
    )
    assert news(explorer) == f"<small>{sentence} &lt;it&gt;</small>"
    assert explorer._asking.button.tooltip == f"{sentence} <it>"
    assert not explorer._asking.button.disabled
    assert "agrees" in answered(explorer, fake)  # it may have been fetched meanwhile


ENDS = """
import threading
from gmemviz.widget import Explorer, ask_linux
def confirm(design, *, stop, **_):
    try:
        while not stop.wait(0.1):
            pass
    finally:
        print("the guest was ended", flush=True)
ask_linux.confirm = confirm
Explorer()._asking.button.click()
"""


def test_a_guest_does_not_outlive_the_interpreter():
    command = [sys.executable, "-c", ENDS]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.stdout == "the guest was ended\n", done.stderr


def test_the_answer_says_both_verdicts_and_the_consoles_own_line_as_text(explorer, fake):
    words = answered(explorer, fake)
    assert f"asked here, Linux agrees: {explorer.design.title}" in words
    assert "model:  leak<br>" in words
    assert f"kernel: leak ({RELEASE}, 9 runs)" in words
    assert f"leak (last-close): {LINE} &lt;img src=x onerror=alert(1)&gt;" in words
    assert "<img" not in words
    assert news(explorer) == ""


def test_it_says_whether_linux_agrees_or_cannot_say(explorer, fake):
    fake.lines = ()
    assert "<b>asked here, Linux disagrees: " in answered(explorer, fake)
    assert "leak: the kernel did not show it" in said(explorer)
    explorer.choose(placement="containing-struct", cleanup="free-all", metadata="shared_policy")
    assert "<b>asked here, not confirmable: " in answered(explorer, fake)
    assert "lock-context: cannot be shown, only lockdep says so" in said(explorer)


def test_the_menu_gains_the_recording_which_plays_in_the_same_player(explorer, fake):
    player, before = explorer.player, explorer.state
    answered(explorer, fake)
    assert explorer._run.options[-1] == LABEL
    assert explorer.state == before  # and nothing else has changed
    explorer._run.value = LABEL
    assert explorer.player is player
    assert explorer.film.origin == explorer.player.film["origin"] == "recorded"
    assert (explorer._link.run, explorer._link.has_step) == (
        "/".join((*LEAK, "shortest-run")),
        False,
    )
    state = explorer.state
    assert state == "/".join(
        (*LEAK, "shortest-run")
    )  # names the Design: a recording is no run of it
    answered(explorer, fake)
    assert explorer._run.value == LABEL
    explorer.state = state
    assert (explorer.film.origin, explorer._run.value) == ("simulated", "shortest run")
    assert explorer._link.has_step


def test_an_answer_belongs_to_the_design_it_was_asked_for(explorer, fake):
    ask(explorer)
    explorer.choose(cleanup="free-all")
    assert "asking Linux about 7.3, own mount, resv_map in i_private, none" in news(explorer)
    before, state = told(explorer._cell, explorer.report.defects), explorer.state
    fake.may_answer.set()
    over(threads())
    assert "Linux has answered about 7.3, own mount, resv_map in i_private, none" in news(explorer)
    assert before.splitlines()[0] in said(explorer)
    assert "agrees" not in said(explorer)
    assert (explorer.state, LABEL in explorer._run.options) == (state, False)
    explorer.choose(cleanup="none")
    assert "asked here, Linux agrees" in said(explorer)
    assert LABEL in explorer._run.options
    explorer.choose(cleanup="free-all")
    assert "asked here" not in said(explorer)
    assert LABEL not in explorer._run.options


@pytest.mark.parametrize("error", [MissingToolError("needs <qemu>: apt-get"), OSError("no room")])
def test_what_is_missing_is_one_sentence_and_nothing_else_changes(explorer, fake, error):
    fake.error, before = error, (explorer.state, said(explorer), explorer._run.options)
    assert answered(explorer, fake) == before[1]
    sentence = f"Linux could not be asked about {explorer.design.title}: {error}"
    assert news(explorer) == f"<small>{html.escape(sentence)}</small>"
    assert (explorer.state, explorer._run.options) == (before[0], before[2])
    assert explorer._asking.button.description == "ask Linux"
    explorer.choose(cleanup="free-all")
    assert news(explorer) == ""


def test_a_judgement_without_a_recording_is_one_all_the_same(explorer, fake):
    answered(explorer, fake)
    explorer._run.value = LABEL
    fake.film = False
    assert "Linux agrees" in answered(explorer, fake)
    assert LABEL not in explorer._run.options
    assert (explorer._run.value, explorer.film.origin) == ("shortest run", "simulated")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_fault_of_ours_leaves_the_button_to_press(explorer, fake):
    fake.error = ZeroDivisionError()
    answered(explorer, fake)
    assert "came to nothing" in news(explorer)
    assert explorer._asking.button.description == "ask Linux"


def test_what_was_shipped_is_said_as_it_is(explorer):
    row = confirmed("7.3")[LEAK]
    assert f"confirmed on {row['release']}, {row['date']}" in said(explorer)
    assert "leak (last-close): BUG gv" in said(explorer)
    bundle, _ = explorer._repr_mimebundle_()
    for kept in bundle.values():
        if isinstance(kept, str):
            assert f"confirmed on {row['release']}, {row['date']}" in kept
    explorer.choose(mount="anon-inode")
    assert re.fullmatch(r'<div class="gm-said"><b>model only: [^<]*</b></div>', said(explorer))


def test_what_was_shipped_of_another_verdict_is_not(explorer, monkeypatch):
    row = {**confirmed("7.3")[LEAK], "model": ["double-free"]}
    module = sys.modules["gmemviz.study.confirmed"]  # which has a function of its own name
    monkeypatch.setattr(module, "confirmed", lambda _: {LEAK: row})
    explorer.choose(cleanup="free-all")
    explorer.choose(cleanup="none")
    assert "model only" in said(explorer)


def test_nothing_is_left_and_a_kernel_that_is_asked_is_left_at_its_next_step(fake):
    before = set(_instances)
    explorer = Explorer()
    ask(explorer)
    explorer.close()
    fake.may_answer.set()
    over(threads())
    assert "asking Linux" in news(explorer)  # and nothing more was said to who has left
    left = {type(one).__name__ for name, one in _instances.items() if name not in before}
    assert left <= {
        "Layout",
        "ButtonStyle",
        "ToggleButtonStyle",
        "DescriptionStyle",
        "HTMLStyle",
        "LabelStyle",
    }
