"""What a reader does to JupyterLab's own page: open a notebook, run it, change its looks."""

import contextlib
import os

from tests.browser.exported import OUT, ROOT

LAPTOP = (1280, 800)
CELLS = ".jp-Notebook .jp-Cell"
READY = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === "connected" && kernel.status === "idle";
}"""
BEGUN = """() => [...document.querySelectorAll(".jp-CodeCell .jp-InputPrompt")]
    .some((prompt) => prompt.textContent.includes("*"))"""
# A cell whose source is folded has no prompt: what counts is the number that it was given.
OVER = """() => {
    const books = [...jupyterapp.shell.widgets("main")].filter((panel) => panel.content?.widgets);
    const cells = books.flatMap((panel) => panel.content.widgets).map((cell) => cell.model);
    const code = cells.filter((model) => model.type === "code" && model.sharedModel.getSource().trim());
    return code.length > 0 && code.every((model) => model.executionCount !== null);
}"""
WORN = "theme => document.body.dataset.jpThemeName === theme"
WEAR = "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})"
PAINTED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"


def run_all(page, until):
    """Choose "Run All Cells" once the kernel listens, and wait for what the notebook shows."""
    page.wait_for_function(READY, timeout=60_000)
    for _ in range(3):  # a run may get lost (jupyter.md 5): then no cell waits for its turn
        page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
        page.locator(".lm-Menu-itemLabel", has_text="Run All Cells").first.click()
        with contextlib.suppress(Exception):
            page.wait_for_function(BEGUN, timeout=5_000)
            break
    page.wait_for_selector(until, timeout=60_000)


def wait_until_over(page):
    """Wait until every code cell has run; fail on the first that shows an error."""
    page.wait_for_function(OVER, timeout=90_000)
    assert page.locator('[data-mime-type="application/vnd.jupyter.error"]').all_inner_texts() == []


def wear(page, theme, size):
    """Put on JupyterLab's "light" or "dark" theme, in a window of this size."""
    page.set_viewport_size({"width": size[0], "height": size[1]})
    name = f"JupyterLab {theme.title()}"
    if not page.evaluate(WORN, name):
        page.evaluate(WEAR, name)
        page.wait_for_function(WORN, arg=name)
    page.evaluate(PAINTED)


def shot(page, name):
    """Keep a screenshot where CI can show it; a read-only checkout keeps none."""
    if os.access(ROOT, os.W_OK):
        OUT.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=OUT / f"{name}.png")
