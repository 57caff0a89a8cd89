"""A signal to end is one line and 128 + its number, and what is held is given back whole."""

import os
import signal
import threading
import time

import pytest

from gmemviz.processes.signals import ENDING, ends_in_order, held

LINES = {
    "SIGINT": "gmemviz: interrupted\n",
    "SIGTERM": "gmemviz: ended by SIGTERM\n",
    "SIGHUP": "gmemviz: ended by SIGHUP\n",
}


@pytest.fixture(autouse=True)
def as_before():
    before = [signal.getsignal(number) for number in ENDING]
    yield
    assert [signal.getsignal(number) for number in ENDING] == before


def send(number):
    os.kill(os.getpid(), number)
    time.sleep(5)  # a signal comes before that
    pytest.fail("nothing has come")


@pytest.mark.parametrize("name", LINES)
def test_a_signal_is_one_line_and_a_status(name, capsys):
    number = getattr(signal, name)
    assert ends_in_order(send)(number) == 128 + number
    assert capsys.readouterr() == ("", LINES[name])


def test_without_one_the_answer_stands(capsys):
    assert ends_in_order(lambda status: status)(1) == 1
    assert capsys.readouterr() == ("", "")


def test_an_interrupt_raised_by_others_is_the_same(capsys):
    def run():
        raise KeyboardInterrupt

    assert ends_in_order(run)() == 130
    assert capsys.readouterr().err == LINES["SIGINT"]


def test_other_errors_go_on():
    with pytest.raises(ZeroDivisionError):
        ends_in_order(lambda: 1 // 0)()


@pytest.mark.parametrize("second", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_a_further_signal_does_not_disturb_what_is_being_given_back(second, capsys):
    said = []

    def run():
        try:
            send(signal.SIGTERM)
        finally:
            os.kill(os.getpid(), getattr(signal, second))
            time.sleep(0.1)
            said.append("given back")

    assert ends_in_order(run)() == 128 + signal.SIGTERM
    assert said == ["given back"]


def test_what_is_ignored_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does

    def run():
        os.kill(os.getpid(), signal.SIGHUP)
        return 7

    try:
        assert ends_in_order(run)() == 7
    finally:
        signal.signal(signal.SIGHUP, before)


def test_in_another_thread_it_only_runs():
    found = []
    thread = threading.Thread(target=lambda: found.append(ends_in_order(lambda: 5)()))
    thread.start()
    thread.join()
    assert found == [5]


def test_a_terminal_that_is_gone_is_no_trouble(monkeypatch):
    class Gone:
        def write(self, _):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("sys.stderr", Gone())
    assert ends_in_order(send)(signal.SIGHUP) == 128 + signal.SIGHUP


def test_a_signal_that_is_held_comes_afterwards():
    order = []

    def run():
        with held():
            # To this thread: of a signal to the process, any thread of a test runner may take notice.
            signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
            order.append("held")
        order.append("and on")

    assert ends_in_order(run)() == 128 + signal.SIGTERM
    assert order == ["held"]
