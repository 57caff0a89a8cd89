"""Measure exported pages: their size, how soon one opened from disk can be stepped, and a step.

Interactive is when a key pressed at once has changed the pictures. A step is measured from its
key to the first paint after it, beside a key that changes nothing.
Run it from the checkout: python benchmarks/bench_page.py
"""

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from gmemviz.cli import main as gmemviz
from tests.browser.lab_server import CHROMIUM_FLAGS

OPENINGS, STEPS, FRAME_MS, LARGEST = 9, 40, 1000 / 60, 500_000
TALK, TALK_LARGEST = Path(__file__).parents[1] / "out" / "talk" / "talk.html", 5_000_000
PAGES = {
    "guest_memfd-7.3": "guest_memfd-7.3",
    "7.3-gmem (recorded)": "7.3-gmem",
    "6.12 and 7.3": "--compare guest_memfd-6.12 guest_memfd-7.3",
    "largest of the gallery": "rfc-v1-free_inode",
}
WATCH = """() => {
    window.times = {work: [], paint: [], nothing: []};
    let started = 0, kind = "";
    document.addEventListener("keydown", (event) => {
        started = performance.now();
        kind = event.key === "q" ? "nothing" : "paint";
        requestAnimationFrame(() => {
            const after = new MessageChannel();
            after.port1.onmessage = () => times[kind].push(performance.now() - started);
            after.port2.postMessage(0);
        });
    }, true);
    document.addEventListener("keydown", () => {
        if (kind === "paint") times.work.push(performance.now() - started);
    });
}"""
# Before the page's own script: say when a first step by key can be seen.
OPENED = """document.addEventListener("DOMContentLoaded", () => {
    const count = document.querySelector(".gmemviz-count");
    const before = count.textContent;
    document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowLeft", bubbles: true}));
    document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true}));
    window.isStepped = Boolean(before);
    requestAnimationFrame(() => setTimeout(() => (window.interactive = performance.now())));
});"""


def opened(browser, where):
    """Return how many milliseconds after its navigation began a page could be stepped."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(OPENED)
    page.goto(where)
    page.wait_for_function("window.interactive")
    assert page.evaluate("isStepped")
    took = page.evaluate("interactive")
    page.close()
    return took


def stepped(browser, where):
    """Return the medians of a step's work, of its paint, and of a key that changes nothing."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.goto(where)
    page.wait_for_selector(".gmemviz-player")
    page.keyboard.press("Home")
    page.evaluate(WATCH)
    for _ in range(STEPS):
        for key in ("ArrowRight", "q"):
            page.keyboard.press(key)
            page.wait_for_timeout(40)
    times = page.evaluate("times")
    page.close()
    return [statistics.median(times[kind]) for kind in ("work", "paint", "nothing")]


def talk():
    """Return a line on the talk's file, or how to make it."""
    if not TALK.is_file():
        return "the talk: not made yet, `make talk` first"
    size = TALK.stat().st_size
    reached = "reached" if size < TALK_LARGEST else "MISSED"
    return f"the talk: {size / 1e6:.1f} MB (goal: < 5 MB: {reached})"


def main():
    """Write the pages, open them, and print a table."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("GMEMVIZ_CHROMIUM") or shutil.which("chromium")
    if not path:
        raise SystemExit("bench_page needs Chromium: apt-get install chromium")
    print(f"{'page':24} {'kB':>5} {'interactive':>12} {'step':>8} {'paint':>8} {'no step':>8}")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        for name, line in PAGES.items():
            file = Path(folder) / "page.html"
            assert gmemviz(["export", *line.split(), "-o", str(file)]) == 0
            size = file.stat().st_size
            ready = statistics.median(opened(browser, file.as_uri()) for _ in range(OPENINGS))
            work, paint, nothing = stepped(browser, file.as_uri())
            is_fine = size < LARGEST and ready < 1000 and paint < FRAME_MS
            print(
                f"{name:24} {size / 1000:5.0f} {ready:9.0f} ms {work:5.1f} ms {paint:5.1f} ms "
                f"{nothing:5.1f} ms  {'' if is_fine else 'MISSED'}".rstrip()
            )
        browser.close()
    print(f"\nmedians of {OPENINGS} openings, {STEPS} steps; load {os.getloadavg()[0]:.1f}.")
    print(
        "goals: under 500 kB, interactive under 1000 ms, a step painted within one frame (16.7 ms)"
    )
    print(talk())


if __name__ == "__main__":
    main()
