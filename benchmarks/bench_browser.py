"""Measure a step in the browser: the Player against dot, once a step, through an HTML widget.

Both stand in one notebook in a real JupyterLab in headless Chromium and are stepped in
turns. The peer lays out and sends the call graph alone; the player changes four pictures.
Run it from the checkout: python benchmarks/bench_browser.py
"""

import os
import shutil
import statistics
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.browser.lab_page import CELLS as SHOWN
from tests.browser.lab_page import run_all, wait_until_over
from tests.browser.lab_server import CHROMIUM_FLAGS, running_lab, write_notebook

ROUNDS, STEPS, PRESSES, EVERY_MS = 3, 10, 40, 50
CELLS = (
    """from gmemviz.model import design_from_choices
from gmemviz.model import check
from gmemviz.render import film_of_report
from gmemviz.widget import Player
choices = dict(kernel="7.3", mount="own", placement="containing-struct",
               cleanup="destroy+free", metadata="shared_policy")
film = film_of_report(check(design_from_choices(**choices), keep_moves=True))
plain = film.to_json()
plain["frames"] *= 3  # room for a long press
Player(plain)""",
    """import ipywidgets
from gmemviz.render import engine
picture = ipywidgets.HTML()
picture.add_class("peer-picture")
slider = ipywidgets.IntSlider(min=0, max=len(plain["frames"]) - 1)
slider.add_class("peer-slider")
def draw(change):
    dot = film.still("calls", change["new"] % len(film.frames) + 1).dot
    svg = engine.render(dot, "svg").decode()  # not engine.svg, which would remember it
    picture.value = f'<div data-step="{change["new"]}">{svg[svg.index("<svg"):]}</div>'
draw({"new": 0})
slider.observe(draw, "value")
ipywidgets.VBox([slider, picture])""",
)
WATCH = """() => {
    window.times = {};
    window.shown = {};
    let started = 0;
    document.addEventListener("keydown", () => (started = performance.now()), true);
    window.start = () => (started = performance.now());
    const painted = (name, from) => requestAnimationFrame(() => {
        const after = new MessageChannel();
        after.port1.onmessage = () => times[name].paint.push(performance.now() - from);
        after.port2.postMessage(0);
    });
    times.nothing = {dom: [], paint: []};
    const onQ = (event) => event.key === "q" && painted("nothing", started);
    document.addEventListener("keydown", onQ, true);
    const watch = (name, node, step) => {
        times[name] = {dom: [], paint: []};
        shown[name] = new Set();
        new MutationObserver(() => {
            shown[name].add(step());
            if (!started) return;
            const from = started;
            started = 0;
            times[name].dom.push(performance.now() - from);
            painted(name, from);
        }).observe(node, {subtree: true, childList: true, attributes: true, characterData: true});
    };
    const count = document.querySelector(".gmemviz-count");
    watch("player", document.querySelector(".gmemviz-pictures"), () => count.textContent);
    const picture = document.querySelector(".peer-picture");
    watch("peer", picture, () => picture.querySelector("[data-step]")?.dataset.step);
}"""
FOCUS = {"player": ".gmemviz-player", "peer": ".peer-slider .noUi-handle"}
SCRUB = """() => {
    const range = document.querySelector(".gmemviz-scrub input");
    start();
    range.value = Number(range.value) + 1;
    range.dispatchEvent(new Event("input", {bubbles: true}));
}"""


def open_notebook(page, lab):
    """Open the notebook, run it, and start to watch both."""
    page.goto(lab.page("bench.ipynb"))
    page.wait_for_selector(SHOWN, timeout=60_000)
    run_all(page, ".peer-picture svg")
    wait_until_over(page)
    page.wait_for_timeout(1500)
    page.evaluate(WATCH)


def step(page, name, act):
    """Do one step and wait until its paint is measured."""
    before = page.evaluate("name => times[name].paint.length", name)
    act()
    page.wait_for_function("([name, n]) => times[name].paint.length > n", arg=[name, before])
    page.wait_for_timeout(60)


def take(page, name):
    """Return what was measured since the last time, and forget it."""
    return page.evaluate(
        "name => { const t = times[name]; times[name] = {dom: [], paint: []}; return t; }", name
    )


def steps_by_key(page):
    """Step both, and press a key that changes nothing, in turns; return all times."""
    measured = {name: {"dom": [], "paint": []} for name in (*FOCUS, "nothing")}
    for _ in range(ROUNDS):
        for name, where in FOCUS.items():
            page.locator(where).focus()
            step(page, name, lambda: page.keyboard.press("ArrowRight"))  # warm
            take(page, name)
            for _ in range(STEPS):
                step(page, name, lambda: page.keyboard.press("ArrowRight"))
            for kind, values in take(page, name).items():
                measured[name][kind] += values
        page.locator(FOCUS["player"]).focus()
        for _ in range(STEPS):
            step(page, "nothing", lambda: page.keyboard.press("q"))
        measured["nothing"]["paint"] += take(page, "nothing")["paint"]
    return measured


def steps_by_slider(page):
    """Return the times from the player's own slider to its DOM."""
    for _ in range(ROUNDS * STEPS):
        step(page, "player", lambda: page.evaluate(SCRUB))
    return take(page, "player")["dom"]


def hold_key(page, name):
    """Hold the key; return how many different steps came to the screen."""
    page.locator(FOCUS[name]).focus()
    page.keyboard.press("Home")
    page.wait_for_timeout(1000)
    page.evaluate("name => shown[name].clear()", name)
    for _ in range(PRESSES):
        page.keyboard.down("ArrowRight")
        page.wait_for_timeout(EVERY_MS - 5)
    page.keyboard.up("ArrowRight")
    page.wait_for_timeout(1500)
    return page.evaluate("name => shown[name].size", name)


def p90(values):
    """Return the ninth decile."""
    return statistics.quantiles(values, n=10)[-1]


def table(keys, slider, held):
    """Return the table's rows: what, player, peer, ratio, goal."""
    mine, peer = keys["player"], keys["peer"]
    rows = [("", "player", "dot+HTML", "ratio", "goal")]

    def row(what, take, kind, is_goal):
        ours, theirs = take(mine[kind]), take(peer[kind])
        goal = said(theirs / ours >= 20, ">= 20x") if is_goal else ""
        if kind == "paint" and take is statistics.median:
            goal = said(ours < 16.7, "< 16.7 ms")
        rows.append((what, f"{ours:.1f} ms", f"{theirs:.1f} ms", f"{theirs / ours:.1f}x", goal))

    row("key -> DOM, median", statistics.median, "dom", is_goal=True)
    row("key -> DOM, p90", p90, "dom", is_goal=False)
    row("key -> paint, median", statistics.median, "paint", is_goal=False)
    row("key -> paint, p90", p90, "paint", is_goal=False)
    floor = statistics.median(keys["nothing"]["paint"])
    rows.append(("no change -> paint", f"{floor:.1f} ms", "", "", "what any key costs here"))
    ours, theirs = statistics.median(slider), statistics.median(peer["dom"])
    goal = said(theirs / ours >= 20, ">= 20x")
    rows.append(
        (
            "slider -> DOM, median",
            f"{ours:.1f} ms",
            f"{theirs:.1f} ms",
            f"{theirs / ours:.1f}x",
            goal,
        )
    )
    frames = [f"{held[name]} of {PRESSES}" for name in ("player", "peer")]
    rows.append(("key held, steps seen", *frames, "", said(held["player"] == PRESSES, "all")))
    return rows


def said(is_reached, goal):
    """Say a goal and whether it was reached."""
    return f"{goal}: {'reached' if is_reached else 'MISSED'}"


def measure():
    """Start JupyterLab and Chromium, measure, and return the table's rows."""
    from playwright.sync_api import sync_playwright

    path = os.environ.get("GMEMVIZ_CHROMIUM") or shutil.which("chromium")
    if not path:
        raise SystemExit("bench_browser needs Chromium: apt-get install chromium")
    with (
        tempfile.TemporaryDirectory() as home,
        running_lab(Path(home)) as lab,
        sync_playwright() as driver,
    ):
        write_notebook(lab.folder / "bench.ipynb", *CELLS)
        browser = driver.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        open_notebook(page, lab)
        keys, slider = steps_by_key(page), steps_by_slider(page)
        held = {name: hold_key(page, name) for name in FOCUS}
        browser.close()
    return table(keys, slider, held)


def main():
    """Print the table."""
    for row in measure():
        print("{:22} {:>10} {:>10} {:>8}  {}".format(*row).rstrip())
    load = os.getloadavg()[0]
    print(f"\n{ROUNDS * STEPS} steps each, in turns; {os.cpu_count()} CPUs, load {load:.1f}.")
    print("Times carry the noise of what else runs here: trust the ratios, taken in one run.")


if __name__ == "__main__":
    main()
