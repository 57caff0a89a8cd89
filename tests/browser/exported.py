"""Exported pages on disk, and a watch that lets nothing come from anywhere else."""

import contextlib
import os
from functools import cache
from pathlib import Path

from gmemviz.cli import main
from gmemviz.model import check
from gmemviz.render import film_of_report
from gmemviz.study import gallery
from gmemviz.study.state import SHORTEST, run_of

ROOT = Path(__file__).parents[2]
OUT = ROOT / "out" / "screenshots"
LINES = {
    "correct": "guest_memfd-7.3",
    "defects": "rfc-v1-free_inode",
    "recording": "7.3-gmem",
    "comparison": "--compare guest_memfd-6.12 guest_memfd-7.3",
    "evil": "--design evil.toml",
}
EVIL = """
name = "<script>window.hit=1</script><img src=x onerror=window.hit=2>"
kernel = "7.3"
mount = "own"
metadata.flags = { placement = "i_private-flags" }
hooks.evict_inode = ["truncate", "clear_inode"]
"""


def write_pages(folder):
    """Write all pages into a folder; return their addresses by name."""
    (folder / "evil.toml").write_text(EVIL, encoding="utf-8")
    with contextlib.chdir(folder):
        for name, line in LINES.items():
            assert main(["export", *line.split(), "-o", f"{name}.html"]) == 0
    return {name: (folder / f"{name}.html").as_uri() for name in LINES}


@cache
def frames(design, run=SHORTEST):
    """Return the frames of a run, as the model has it today."""
    report = check(gallery(design), keep_moves=True)
    return film_of_report(report, run_of(report, run)).frames


@contextlib.contextmanager
def watched(page, wanted):
    """Fail on a request, a page error, or a refusal by the page's own policy."""
    troubles = []

    def pass_or_stop(route):
        if route.request.url in wanted:
            return route.continue_()
        troubles.append(f"request to {route.request.url}")
        return route.abort()

    def look(request):
        if request.url not in wanted and not request.url.startswith("blob:"):
            troubles.append(f"request to {request.url}")

    page.route("**/*", pass_or_stop)
    page.on("request", look)
    page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
    page.on("console", lambda said: said.type == "error" and troubles.append(said.text))
    yield
    assert not troubles, troubles


def open_page(page, address):
    """Open an address and wait for its player."""
    page.goto(address)
    page.wait_for_selector(".gmemviz-player")
    return page


def keep(name, data):
    """Keep a picture where CI can show it; a read-only checkout keeps none."""
    if os.access(ROOT, os.W_OK):
        OUT.mkdir(parents=True, exist_ok=True)
        (OUT / name).write_bytes(data)
