"""Ask a real kernel about a Design with one button, and say what kernels have answered.

A guest takes its time: `evidence.confirm` runs in a thread, and the notebook stays free. The
thread ends by itself, by a second click, or with the interpreter, and its guest with it.
"""

import atexit
import html
import os
import threading
from collections.abc import Callable
from typing import Final, NamedTuple

import ipywidgets

from gmemviz.errors import GmemvizError
from gmemviz.evidence.confirm import cannot_ask, confirm
from gmemviz.model import Design, Report
from gmemviz.render import Film, film_of_confirmation
from gmemviz.study import told

NOT_ASKED: Final = "model only: no kernel's answer to this verdict is shipped"
THREAD: Final = "gmemviz asks Linux"
ASK: Final = "ask Linux"
STOP: Final = "stop asking"
STOPPED: Final = "it was stopped"
COULD_NOT: Final = "Linux could not be asked about {}: {}"
HOW: Final = "build this Design as a module, boot Linux {} in QEMU, and let that kernel judge it"

NOT_HERE: Final = "not on a web page, where each visitor would boot a kernel: open it in JupyterLab"
WAITING: Final = ("VOILA_PREHEAT", "VOILA_KERNEL_ID")
"""Variables of a kernel that Voila keeps for a visitor to come."""

BUSY: Final = "another Design is asked about: wait for its answer, or stop it"
WAIT: Final = 3.0
"""Seconds that the interpreter waits at its end for a guest to end."""

Cell = tuple[str, ...]
"""The five choices, by which an answer is kept."""

_running: Final[dict[threading.Thread, threading.Event]] = {}
_guest: Final = threading.Lock()
"""Held while a kernel is asked: a compiler and a guest take the machine, so there is one."""


@atexit.register
def _end() -> None:
    # A guest outlives a thread that ends with the interpreter.
    for stop in list(_running.values()):
        stop.set()
    for thread in list(_running):
        thread.join(WAIT)


class KernelAnswer(NamedTuple):
    """Give what is to be said, and the film of the recording with its name in the menu, if any."""

    text: str
    label: str = ""
    film: Film | None = None


class Asking:
    """Hold the button and the words; a Design at a time is asked about, in a thread of its own.

    One of all there are: who asks meanwhile is told so. Where a web server shows it, a click asks
    nobody, whatever a visitor has made of the button.

    `heard` is called in that thread when a kernel has answered about the Design that is shown.
    An answer stands with the cell it was asked for, and comes back with it. Who changes what is
    shown holds `turn`, which the thread wants for its news.
    """

    def __init__(self, heard: Callable[[], None]) -> None:
        self.button = ipywidgets.Button(
            description=ASK, disabled=_is_on_a_page(), layout=ipywidgets.Layout(width="auto")
        )
        self._stop = threading.Event()
        self.button.on_click(self._clicked)
        self.said, self.news = ipywidgets.HTML(), ipywidgets.HTML()
        for words in (self.said, self.news):  # two: news alone are read aloud as they come
            words.add_class("gmemviz-verdict")
        self.turn = threading.RLock()
        self._heard = heard
        self._answers: dict[Cell, KernelAnswer] = {}
        self._asked: Cell | None = None
        self._is_closed = False

    @property
    def answer(self) -> KernelAnswer:
        """Return what stands beside the verdict that is shown."""
        return self._answers.get(self._cell) or KernelAnswer(self._shipped)

    def about(self, cell: Cell, report: Report) -> None:
        """Take the cell that is shown now, with its Report."""
        with self.turn:
            self._cell, self._design = cell, report.design
            self._shipped = told(cell, report.defects) or NOT_ASKED
            not_yet = self._not_yet()
            how = not_yet or HOW.format(report.design.kernel)
            self.button.tooltip = f"not here: {NOT_HERE}" if _is_on_a_page() else how
            self._say(None if self._asked else not_yet)

    # Said before anybody presses the button. A kernel that is fetched meanwhile is found all the
    # same, so the button stays as it is.
    def _not_yet(self) -> str:
        missing = "" if _is_on_a_page() else cannot_ask(self._design.kernel)
        return f"Linux cannot be asked yet: {missing}" if missing else ""

    def close(self) -> None:
        """Leave a kernel that is asked, at its next step; who shows the widgets closes them."""
        self._is_closed = True
        self._stop.set()

    def _say(self, news: str | None) -> None:
        with self.turn:
            self.said.value = said_html(self.answer.text)
            if news is not None:
                self.news.value = f"<small>{html.escape(news)}</small>" if news else ""

    def _clicked(self, _: object) -> None:
        if self._asked:
            self._stop.set()
        elif why := self._why_not():
            self._say(f"Linux is not asked about {self._design.title}: {why}")
        else:
            self._begin()

    # The button is greyed out in the browser; what comes over the socket may come all the same.
    def _why_not(self) -> str:
        if _is_on_a_page():
            return NOT_HERE
        return "" if _guest.acquire(blocking=False) else BUSY

    def _begin(self) -> None:
        stop = threading.Event()
        about = (self._cell, self._design, stop)
        thread = threading.Thread(target=self._ask, args=about, name=THREAD, daemon=True)
        self._asked, self._stop, self.button.description = self._cell, stop, STOP
        self._say(f"asking Linux about {self._design.title}")
        _running[thread] = stop
        try:
            thread.start()
        except RuntimeError as error:  # a limit on processes
            _over(thread)
            self._take(*about[:2], COULD_NOT.format(self._design.title, error))

    def _ask(self, cell: Cell, design: Design, stop: threading.Event) -> None:
        found: KernelAnswer | str = f"asking Linux about {design.title} came to nothing"
        try:
            found = _answer(design, stop, self._tell(design, stop))
        except (GmemvizError, OSError) as error:
            why = STOPPED if stop.is_set() else error
            found = COULD_NOT.format(design.title, why)
        finally:
            _over(threading.current_thread())
            with self.turn:
                self._take(cell, design, found)

    def _take(self, cell: Cell, design: Design, found: KernelAnswer | str) -> None:
        self._asked = None
        if self._is_closed:
            return
        self.button.description = ASK
        if isinstance(found, str):
            self._say(found)
            return
        self._answers[cell] = found
        is_shown = cell == self._cell
        self._say(
            "" if is_shown else f"Linux has answered about {design.title}: choose it, and see"
        )
        if is_shown:
            self._heard()

    def _tell(self, design: Design, stop: threading.Event) -> Callable[[str], None]:
        def tell(step: str) -> None:
            if stop.is_set():
                raise GmemvizError(STOPPED)
            self._say(f"asking Linux about {design.title}: {step}")

        return tell


# The one place that gives the machine free, whether the thread ran or could not be started.
def _over(thread: threading.Thread) -> None:
    del _running[thread]
    _guest.release()


# Voila says so in the environment of its kernels; of those that wait for a visitor, by other names.
def _is_on_a_page() -> bool:
    served_by = os.environ.get("SERVER_SOFTWARE", "")
    return served_by.startswith("voila/") or any(name in os.environ for name in WAITING)


def _answer(design: Design, stop: threading.Event, progress: Callable[[str], None]) -> KernelAnswer:
    kernel = design.kernel
    found = confirm(design, kernel=kernel, record=True, stop=stop, progress=progress)
    who = "" if found.judgement == "not confirmable" else "Linux "
    text = f"asked here, {who}{found.text}"
    try:
        film = film_of_confirmation(found)
        film.to_json()  # laid out here, where nobody waits for it
    except GmemvizError:  # a judgement without a recording is one all the same
        return KernelAnswer(text)
    return KernelAnswer(text, f"recorded on {found.release}", film)


def said_html(text: str) -> str:
    """Return an answer's lines as HTML, its first one bold; a kernel's own words are escaped."""
    first, *rest = (html.escape(line) for line in text.splitlines())
    return f'<div class="gm-said">{"<br>".join((f"<b>{first}</b>", *rest))}</div>'
