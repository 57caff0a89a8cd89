"""Measure the playground: when something is drawn, and when a link has its computed verdict.

Cold is a browser that was never there, warm one that was and has all files kept. The load stands
beside it: two processors that others use, too, make it slower. Needs `make site` and Chromium.
Run it from the checkout: python benchmarks/bench_site.py [FOLDER]
"""

import functools
import os
import sys
import tempfile
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser.lab_server import CHROMIUM_FLAGS
from tests.conftest import find_browser

SITE, VISITS, PATIENCE = Path(__file__).parents[1] / "out" / "site", 5, 120
LINK = "playground.html#guest_memfd-7.3/last-close/12"
WATCH = """window.marks = {};
const look = () => {
    if (document.querySelector(".gms-sentence")?.textContent) marks.drawn ??= performance.now();
    if (document.title.includes(" - gmemviz")) marks.verdict = performance.now();
    else setTimeout(look, 10);
};
look();"""


class Quiet(SimpleHTTPRequestHandler):
    """Serve files without saying so."""

    def log_message(self, *_):
        """Say nothing of each file."""


def visited(context, where):
    """Return the milliseconds until something was drawn, and until the link had its verdict."""
    page = context.new_page()
    page.add_init_script(WATCH)
    page.goto(where)
    began, marks = time.monotonic(), {}
    while "verdict" not in marks and time.monotonic() - began < PATIENCE:
        page.wait_for_timeout(50)
        marks = page.evaluate("marks")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")  # all files are kept then
    page.close()
    return marks["drawn"], marks["verdict"]


def main():
    """Print a row a visit: load, then cold and warm, each drawn and verdict."""
    from playwright.sync_api import sync_playwright

    folder = sys.argv[1] if len(sys.argv) > 1 else str(SITE)
    serving = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder))
    threading.Thread(target=serving.serve_forever, daemon=True).start()
    where = f"http://127.0.0.1:{serving.server_port}/{LINK}"
    print("load  cold drawn  verdict  warm drawn  verdict  (ms)")
    with sync_playwright() as playwright:
        for _ in range(VISITS):
            with tempfile.TemporaryDirectory() as profile:
                context = playwright.chromium.launch_persistent_context(
                    profile, executable_path=find_browser(), args=CHROMIUM_FLAGS
                )
                times = [*visited(context, where), *visited(context, where)]
                context.close()
            print(f"{os.getloadavg()[0]:4.1f}", *(f"{each:9.0f}" for each in times), flush=True)
    serving.shutdown()


if __name__ == "__main__":
    main()
