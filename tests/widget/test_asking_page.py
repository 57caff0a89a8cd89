"""What a stranger's messages do: no kernel is booted on a page, and never two at a time."""

import threading

import pytest

from gmemviz.widget import Explorer, ask_linux
from tests.widget.fake_kernel import answered, ask, news, over, threads

pytestmark = pytest.mark.dot


def message(widget, **data):
    """Let come what a browser sends, or whoever speaks over the browser's socket."""
    widget._handle_msg({"content": {"data": data}, "buffers": []})


def click_message(explorer):
    message(explorer._asking.button, method="custom", content={"event": "click"})


PAGES = {"SERVER_SOFTWARE": "voila/0.5.8", "VOILA_PREHEAT": "True", "VOILA_KERNEL_ID": "1-2"}


@pytest.mark.parametrize("name", PAGES)
def test_on_a_web_page_nobody_boots_a_kernel(fake, monkeypatch, name):
    monkeypatch.setenv(name, PAGES[name])
    explorer = Explorer()
    assert explorer._asking.button.disabled
    assert "JupyterLab" in explorer._asking.button.tooltip
    message(explorer._asking.button, method="update", state={"disabled": False, "tooltip": "?"})
    assert not explorer._asking.button.disabled  # of which the visitor may make what they want
    explorer.choose(kernel="6.12")
    assert "JupyterLab" in explorer._asking.button.tooltip
    click_message(explorer)
    assert (fake.asked, threads()) == ([], [])
    title = explorer.design.title
    assert (
        news(explorer) == f"<small>Linux is not asked about {title}: {ask_linux.NOT_HERE}</small>"
    )
    explorer.close()


def test_a_click_over_the_socket_asks_where_it_may(explorer, fake):
    click_message(explorer)
    fake.may_answer.set()
    over(threads())
    assert len(fake.asked) == 1


def test_one_kernel_is_asked_at_a_time_whoever_asks(explorer, fake):
    other = Explorer()
    ask(explorer)
    click_message(other)
    assert (
        news(other)
        == f"<small>Linux is not asked about {other.design.title}: {ask_linux.BUSY}</small>"
    )
    assert (len(threads()), other._asking.button.description) == (1, "ask Linux")
    ask(other)
    assert not fake.stop.is_set()  # only who asks can stop it
    fake.may_answer.set()
    over(threads())
    assert "agrees" in answered(other, fake)
    assert [title for title, *_ in fake.asked] == [explorer.design.title, other.design.title]
    other.close()


def test_a_limit_on_processes_is_said_and_it_can_be_asked_again(explorer, fake, monkeypatch):
    def refuse(_):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as limited:
        limited.setattr(threading.Thread, "start", refuse)
        ask(explorer)
    assert "could not be asked" in news(explorer)
    assert "start new thread" in news(explorer)
    assert explorer._asking.button.description == "ask Linux"
    assert "agrees" in answered(explorer, fake)


def test_a_choice_that_is_greyed_out_is_none_over_the_socket_either(explorer):
    reasons = explorer._rows["placement"].reasons
    refused = next(option for option, reason in reasons.items() if reason)
    button = explorer._rows["placement"]._buttons[refused]
    before = explorer.state, explorer.choices, explorer.report
    message(button, method="update", state={"value": True})
    assert (explorer.state, explorer.choices, explorer.report) == before
    assert not button.value


@pytest.mark.parametrize("content", [{"state": 7}, {"state": None}, {"state": ["7.3"]}, [], "x", 3])
def test_a_state_that_is_no_text_changes_nothing(explorer, content):
    before = explorer.state
    message(explorer._link, method="custom", content=content)
    assert explorer.state == before
    assert explorer._link.told
