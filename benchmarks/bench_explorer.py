"""Measure a toggle of the Explorer: from the click to the new verdict and the new picture.

In a real JupyterLab in headless Chromium: python benchmarks/bench_explorer.py
"""

import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.sync_api import Page, sync_playwright

from tests.browser.conftest import run_all
from tests.browser.lab_server import CHROMIUM_FLAGS, running_lab, write_notebook
from tests.conftest import find_browser

CELL = """from gmemviz import Explorer
Explorer(kernel="7.3", mount="own", placement="containing-struct",
         cleanup="destroy+free", metadata="shared_policy")"""
WAYS = ("free-all", "destroy+free", "evict-before-truncate", "evict-after-truncate", "none") * 6
CLICK = """words => new Promise(done => {
    const root = document.querySelector(".gmemviz-explorer");
    const button = [...root.querySelectorAll(".jupyter-button")].find(b => b.innerText === words);
    const seen = {};
    const player = root.querySelector(".gmemviz-player");
    const text = () => root.querySelector(".gm-verdict").textContent;
    const title = () => player.innerText.split("\\n")[0];
    const before = [text(), title()];
    const started = performance.now();
    const watch = new MutationObserver(() => {
        if (text() !== before[0]) seen.verdict ??= performance.now() - started;
        if (title() !== before[1]) seen.picture ??= performance.now() - started;
        if (seen.verdict === undefined || seen.picture === undefined) return;
        watch.disconnect();
        requestAnimationFrame(() => done({...seen, paint: performance.now() - started}));
    });
    watch.observe(root, {subtree: true, childList: true, characterData: true, attributes: true});
    button.click();
})"""


def measure(page: Page) -> dict[str, list[float]]:
    """Return milliseconds from each click to the verdict, the picture and the paint."""
    times: dict[str, list[float]] = {"verdict": [], "picture": [], "paint": []}
    for words in WAYS:
        seen = page.evaluate(CLICK, words)
        for name, found in times.items():
            found.append(seen[name])
        page.wait_for_timeout(150)
    return times


def main() -> None:
    """Print medians and 90th percentiles."""
    if not find_browser():
        print("needs Chromium: apt-get install chromium (or set GMEMVIZ_CHROMIUM)")
        sys.exit(2)
    with (
        tempfile.TemporaryDirectory() as home,
        running_lab(Path(home)) as lab,
        sync_playwright() as p,
    ):
        write_notebook(lab.folder / "toggle.ipynb", CELL)
        browser = p.chromium.launch(executable_path=find_browser(), args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(lab.page("toggle.ipynb"))
        run_all(page, ".gmemviz-explorer .gmemviz-player")
        page.wait_for_timeout(2000)
        times = measure(page)
        browser.close()
    for name, found in times.items():
        median, p90 = statistics.median(found), statistics.quantiles(found, n=10)[-1]
        print(
            f"click to {name:8} median {median:6.1f} ms  p90 {p90:6.1f} ms  ({len(found)} toggles)"
        )
    print("goal: the new picture under 250 ms")


if __name__ == "__main__":
    main()
