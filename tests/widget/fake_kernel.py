"""A kernel that answers the Explorer's button without being there."""

import threading

from gmemviz.errors import MissingToolError
from gmemviz.evidence.confirm.confirm import confirmation
from gmemviz.evidence.confirm.runs import runs_of_design
from gmemviz.record import follow, load_recording
from gmemviz.render import film_of_recording
from gmemviz.widget import ask_linux

LEAK = ("7.3", "own", "i_private", "none", "resv_map")
NAMES = ("kernel", "mount", "placement", "cleanup", "metadata")
LEAKS = ("last-close", "gup-fast", "o-path", "creation-fails-late", "unmount", "second-creation")
RELEASE = "7.3.4+fake"
LABEL = f"recorded on {RELEASE}"
LINE = "BUG gv-your-resv_map (Tainted: G): Objects remaining on __kmem_cache_shutdown()"
HOSTILE = f"{LINE} <img src=x onerror=alert(1)>"


class FakeKernel:
    """Answer as `confirm` does, once the test lets it; an `error` is raised in its place."""

    def __init__(self):
        self.asked, self.may_answer, self.error, self.film = [], threading.Event(), None, True
        self.lines = (HOSTILE,)

    def confirm(self, design, *, kernel, record, stop, progress):
        self.asked.append((design.title, kernel, record))
        self.stop = stop
        progress("building <the> module")
        assert self.may_answer.wait(10)
        progress("booting")
        if self.error:
            raise self.error
        said = {f"your {run}": () for run in runs_of_design(design)}
        said |= {f"your {run}": self.lines for run in LEAKS}
        return confirmation(design, RELEASE, said)

    def film_of(self, _):
        if not self.film:
            raise MissingToolError("nothing was recorded")
        return film_of_recording(follow(load_recording("6.12-pipe")))


def threads():
    return [one for one in threading.enumerate() if one.name == ask_linux.THREAD]


def over(running):
    for one in running:
        one.join(10)
        assert not one.is_alive()


def ask(explorer):
    explorer._asking.button.click()


def answered(explorer, fake):
    ask(explorer)
    fake.may_answer.set()
    over(threads())
    return said(explorer)


def said(explorer):
    return explorer._asking.said.value


def news(explorer):
    return explorer._asking.news.value
