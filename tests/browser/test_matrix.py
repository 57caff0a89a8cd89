"""The matrix in a real browser: click or key to a cell's run; inert whatever is in it."""

import pytest

from gmemviz.frontend import script
from gmemviz.study import told
from gmemviz.widget.matrix import _Picture

pytestmark = pytest.mark.browser

CELL = '[data-cell="cell__own__i_private__evict_before_truncate__shareability_tree"]'
BAD = ("i_private", "evict-before-truncate", "shareability-tree")
IN_SIGHT = """() => {
    const said = document.querySelector(".gm-said").getBoundingClientRect();
    const outer = document.querySelector(".jp-WindowedPanel-outer").getBoundingClientRect();
    return outer.top <= said.top && said.bottom <= outer.bottom;
}"""
UNTIL = "text => document.querySelector('.gm-verdict')?.textContent.includes(text)"


def sentence(page):
    return page.locator(".gmemviz-sentence").inner_text()


def test_one_click_from_a_cell_to_its_counterexample(notebook):
    page = notebook(
        "matrix.ipynb", "from gmemviz import MatrixExplorer\nMatrixExplorer()",
        until=".gmemviz-matrix [data-cell]",
    )  # fmt: skip
    notebook_cells = page.locator(".jp-Notebook .jp-Cell").count()
    assert page.locator(".gmemviz-matrix [data-cell]").count() == 780
    assert page.locator(".gmemviz-player").count() == 0

    page.locator(CELL).hover()
    heard = told(("7.3", "own", *BAD), ("use-after-free",)).splitlines()
    assert page.locator(CELL).get_attribute("aria-label").endswith(f" Confirmed on 7.3: {heard[1]}")
    assert page.locator(f"{CELL} > polyline").count() == 2  # the folded corner
    words = page.locator(".gmemviz-told").inner_text()
    assert words.startswith("i_private, evict-before-truncate, shareability-tree: use-after-free. ")
    page.locator(CELL).click()
    page.wait_for_selector(".gmemviz-player")
    assert "⚠ use-after-free" in page.locator(".gm-verdict").inner_text()
    assert page.locator(".gm-said").inner_text().splitlines() == heard
    page.wait_for_function(IN_SIGHT)
    assert sentence(page).startswith("truncate_inode_pages_final reads shareability-tree")
    assert page.locator(".is-chosen").get_attribute("data-cell") in CELL

    for key in ("a", "b", "x"):  # no key of ours or not ours reaches JupyterLab
        page.keyboard.press(key)
    page.keyboard.press("ArrowDown")
    page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollBy(0, -33)")
    page.wait_for_timeout(500)  # a page that moves under the pointer is no hover
    assert "evict-after-truncate" in page.locator(".gmemviz-told").inner_text()
    assert page.locator(".is-chosen").get_attribute("data-cell") in CELL
    page.keyboard.press("Enter")
    page.wait_for_function(UNTIL, arg="✓ correct")
    assert "evict_after_truncate" in page.locator(".is-chosen").get_attribute("data-cell")
    page.wait_for_timeout(300)
    assert page.locator(".jp-Notebook .jp-Cell").count() == notebook_cells

    page.locator(".jupyter-button", has_text="static-superblock").click()
    page.wait_for_function(UNTIL, arg="⚠ crash")
    assert page.locator(".gmemviz-player").count() == 1
    assert "static_superblock" in page.locator(".is-chosen").get_attribute("data-cell")
    page.locator(".gmemviz-matrix > button").click()
    page.wait_for_function("() => document.fullscreenElement?.matches('.gmemviz-explorer')")


SHOW = """async ([code, css, state]) => {
    const style = document.createElement("style");
    style.textContent = css;
    document.head.append(style);
    const file = new File([code], "matrix.js", {type: "text/javascript"});
    window.matrix = await import(URL.createObjectURL(file));
    const heard = new Map();
    const model = {
        saved: 0, heard,
        get: (name) => state[name],
        set: (name, value) => {
            state[name] = value;
            for (const act of heard.get(`change:${name}`) ?? []) act();
        },
        on: (name, act) => heard.set(name, [...(heard.get(name) ?? []), act]),
        off: (name, act) => heard.set(name, heard.get(name).filter((other) => other !== act)),
        save_changes: () => (model.saved += 1),
    };
    const el = document.createElement("div");
    document.body.append(el);
    const cleanup = window.matrix.default.render({model, el});
    window.shown = {model, el, cleanup};
}"""

EVIL = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
    viewBox="0 0 90 90" onload="hit=1"><script>hit=2</script><style>* {fill: red}</style>
    <g id="a" class="node leak" onclick="hit=3"><g id="a_a"><a xlink:title="&lt;img src=x onerror=hit=4&gt;"
    xlink:href="javascript:hit=5" href="http://198.51.100.1/"><polygon points="0,0 40,0 40,40"
    fill="url(http://198.51.100.1/q)" style="fill:red" stroke="u\\72l(http://198.51.100.1/r)"/><text>A</text></a></g></g>
    <g id="b" class="node"><polygon points="50,0 90,0 90,40"/></g>
    <foreignObject><img xmlns="http://www.w3.org/1999/xhtml" src="x" onerror="hit=6"/></foreignObject>
    <image href="http://198.51.100.1/i.png"/><use href="http://198.51.100.1/u.svg#a"/></svg>"""


@pytest.fixture
def show(watched):
    def render(svg, grid, cell=""):
        state = {"svg": svg, "grid": grid, "cell": cell, "title": "<b>A title</b>", "text": "<i>"}
        watched.evaluate(SHOW, [script("matrix"), _Picture._css, state])
        return watched

    return render


def test_a_hostile_picture_stays_inert(show):
    page = show(EVIL, [["a", "b"]])
    page.locator("[data-cell=a]").click()
    page.wait_for_timeout(300)
    assert page.evaluate("window.hit") is None
    inside = ".gmemviz-matrix :is(script, style, foreignObject, image, use, a, img, title)"
    assert page.locator(inside).count() == 0
    assert page.evaluate("""() => [...document.querySelectorAll('.gmemviz-matrix *')].flatMap((e) =>
        [...e.attributes].filter((a) => /^on|href|^style$/i.test(a.name) || (a.name === "id" && !/^gm\\d+_[ab]$/.test(a.value)) || /198\\.51/.test(a.value))).length""") == 0  # fmt: skip
    assert page.locator(".gmemviz-told").inner_text() == "<img src=x onerror=hit=4>"
    assert page.locator("[data-cell=a] polygon").get_attribute("points") == "0,0 40,0 40,40"
    assert page.evaluate("[shown.model.get('cell'), shown.model.saved]") == ["a", 1]


def test_a_broken_picture_leaves_the_hint(show):
    page = show("<svg", [["a"]])
    assert "Choose a cell" in page.locator(".gmemviz-told").inner_text()
    assert page.locator(".gmemviz-matrix svg").count() == 0


@pytest.mark.parametrize(
    ("at", "key", "to"),
    [
        ("b", "ArrowLeft", "a"), ("a", "ArrowLeft", "a"), ("a", "ArrowDown", "c"),
        ("b", "ArrowDown", "b"), ("c", "ArrowUp", "a"), ("b", "Home", "a"), ("a", "End", "b"),
        ("", "ArrowDown", "a"), ("gone", "End", "a"), ("a", "b", ""), ("a", "toString", ""),
    ],
)  # fmt: skip
def test_where_a_key_leads(show, at, key, to):
    page = show(EVIL, [["a", "b"], ["c"]])
    assert (
        page.evaluate("([...all]) => matrix.stepped([['a', 'b'], ['c']], ...all)", [at, key]) == to
    )


def test_python_chooses_too_and_cleanup_leaves_nothing(show):
    page = show(EVIL, [["a", "b"]], cell="b")
    assert page.locator(".is-chosen").get_attribute("data-cell") == "b"
    page.evaluate("shown.model.set('cell', 'a')")
    assert page.locator(".is-chosen").get_attribute("data-cell") == "a"
    left = page.evaluate("""() => {
        shown.cleanup();
        return [shown.el.childNodes.length, [...shown.model.heard.values()].flat().length];
    }""")
    assert left == [0, 0]
