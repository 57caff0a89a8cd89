"""Each notebook's main gesture, as a reader does it, in two of the four looks.

The outcome is asked of the model here, never written down: a Design or a film that changes
changes both sides.
"""

import re
import shutil

import pytest

from gmemviz import check, conform, design_from_choices, facts, gallery, load_recording, verdict
from gmemviz.derive import derive, judge_derived, shipped_tables
from gmemviz.model.drive.drive import drive
from gmemviz.render import film_of_conformity, film_of_report
from gmemviz.render.matrix import cell_id
from gmemviz.study import told
from gmemviz.study.history import history
from tests.browser.exported import ROOT
from tests.browser.lab_page import CELLS, LAPTOP, shot, wait_until_over, wear

pytestmark = pytest.mark.browser

MERGED = "guest_memfd-7.3"
EXPLORER = ".gmemviz-explorer"
SAYS = """text => document.querySelector('.gmemviz-explorer .gm-verdict b')
    ?.textContent.replace(/^\\S+ /, '') === text"""
COUNTS = """text => [...document.querySelectorAll('.gmemviz-explorer .gmemviz-count')]
    .some((count) => count.textContent === text)"""
HEARD = "lines => document.querySelector('.gm-said')?.innerText.trim() === lines"
DRAWN = "player => [...player.querySelectorAll('[data-id]')].map((node) => node.dataset.id)"
IS = "([node, text]) => node.textContent === text"
WIDE = "svg => svg.viewBox.baseVal.width"


def film_of(**choices):
    return film_of_report(check(design_from_choices(**choices), keep_moves=True))


def into_view(page, where, nth=0):
    page.locator(where).nth(nth).evaluate("element => element.scrollIntoView()")


def keys(page, *names):
    for name in names:
        page.keyboard.press(name)


def toggle(page, choices, **clicked):
    """Click a toggle; the verdict and the run are what the model says of the new choices."""
    for word in clicked.values():
        exactly = re.compile(f"^{re.escape(word)}$")
        page.locator(f"{EXPLORER} .jupyter-button").filter(has_text=exactly).click()
    choices = {**choices, **clicked}
    said = verdict(check(design_from_choices(**choices)))
    page.wait_for_function(SAYS, arg=said)
    steps = len(film_of(**choices).frames)
    page.wait_for_function(COUNTS, arg=f"{steps} / {steps}")
    return said


def play_on(page, player, to):
    """Play by key until a step is reached, then pause."""
    player.focus()
    keys(page, "Home", "Space")
    page.wait_for_function(
        "([count, to]) => parseInt(count.textContent) >= to",
        arg=[player.locator(".gmemviz-count").element_handle(), to],
    )
    keys(page, "Space")


def roles(player):
    """Return role by id, of what wears one."""
    return player.evaluate("""player => Object.fromEntries(
        [...player.querySelectorAll('[data-id]')].flatMap((node) => {
            const role = /role-([\\w-]+)/.exec(node.getAttribute('class') ?? '');
            return role ? [[node.dataset.id, role[1]]] : [];
        }))""")


# --- the gestures; each can be done twice -----------------------------------------------


def toggle_and_play(page):
    inside = {"kernel": "7.3", "mount": "own", "placement": "containing-struct"}
    inside["metadata"] = "resv_map"
    into_view(page, EXPLORER)
    before = toggle(page, inside, cleanup="free-all")
    assert toggle(page, inside, cleanup="destroy+free") != before
    cells = page.locator(CELLS).count()
    player = page.locator(f"{EXPLORER} .gmemviz-player")
    play_on(page, player, to=3)
    keys(page, "b", "a", "End")  # no key of ours or not ours reaches JupyterLab
    frame = film_of(**inside, cleanup="destroy+free").frames[-1]
    into_view(page, EXPLORER)
    assert player.locator(".gmemviz-function").inner_text() == frame["label"]
    assert page.locator(CELLS).count() == cells


def point_and_zoom(page):
    road = page.locator(".gmemviz-player").first
    into_view(page, ".gmemviz-player")
    node = road.locator('[data-id="calls__evict"]')
    node.hover()
    place = facts.load("7.3").source("evict")
    assert str(place) in node.locator("> title").text_content()
    svg = road.locator("svg:has([data-id=calls__evict])")
    whole = svg.evaluate(WIDE)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -200)
    page.keyboard.up("Control")
    page.wait_for_function(
        f"([svg, wide]) => ({WIDE})(svg) < wide", arg=[svg.element_handle(), whole]
    )
    svg.dblclick()
    assert svg.evaluate(WIDE) == whole
    node.hover()


def drive_back_and_branch(page):
    into_view(page, ".gmemviz-driver")
    panel = page.locator(".gmemviz-panel")
    panel.focus()
    inside = {"kernel": "7.3", "mount": "own", "placement": "containing-struct"}
    design = design_from_choices(**inside, cleanup="destroy-frees-now", metadata="shared_policy")
    start = drive(design, "gup-fast").go("task", "filemap_add_folio")
    actors = [offer.actor for offer in start.offers]
    where = page.locator(".gmdrive-where")
    for key, actor in enumerate(actors, 1):
        while where.inner_text() != f"after step {start.ends[-1]}":
            press(page, "Backspace")
        press(page, str(key))
        assert where.inner_text() == f"after step {start.take(actor).ends[-1]}"
    walks = page.locator(".gmdrive-walks > li")
    assert walks.count() == len(actors) == 2
    for actor, walk in zip(actors, walks.all_inner_texts(), strict=True):
        assert actor in walk


def press(page, key):
    where = page.locator(".gmdrive-where")
    before = where.inner_text()
    page.keyboard.press(key)
    page.wait_for_function(
        "([where, before]) => where.textContent !== before", arg=[where.element_handle(), before]
    )


def play_the_road(page):
    player = page.locator(".gmemviz-player").first
    frames = film_of_report(check(gallery("shmem-7.3"), keep_moves=True)).frames
    into_view(page, ".gmemviz-player")
    play_on(page, player, to=3)
    at = next(number for number, frame in enumerate(frames) if frame["hook"] == "evict_inode")
    keys(page, "Home", *["ArrowRight"] * at)
    assert player.locator(".gmemviz-hook").inner_text() == "hook evict_inode"
    assert player.locator(".gmemviz-function").inner_text() == frames[at]["label"]
    assert player.locator(".gmemviz-count").inner_text() == f"{at + 1} / {len(frames)}"
    drawn = player.evaluate(DRAWN)
    worn = {one: role for one, role in frames[at]["roles"].items() if one in drawn}
    assert roles(player) == worn


def move_the_metadata(page):
    into_view(page, EXPLORER)
    chosen = {"kernel": "6.12", "mount": "own", "cleanup": "free-all", "metadata": "rcu-blob"}
    said = [
        toggle(page, chosen, placement=placement)
        for placement in ("file-private_data", "containing-struct", "global-xarray")
    ]
    assert len(set(said)) == len(said)


def cell_to_its_run(page):
    into_view(page, ".gmemviz-matrix")
    chosen = {"kernel": "7.3", "mount": "own", "placement": "i_private"}
    for cleanup in ("evict-after-truncate", "evict-before-truncate"):
        choices = {**chosen, "cleanup": cleanup, "metadata": "shareability-tree"}
        page.locator(f'[data-cell="{cell_id(choices)}"]').click()
        page.wait_for_function(SAYS, arg=verdict(check(design_from_choices(**choices))))
        steps = len(film_of(**choices).frames)
        page.wait_for_function(COUNTS, arg=f"{steps} / {steps}")
    assert page.locator(".is-chosen").get_attribute("data-cell") == cell_id(choices)


def open_a_group_and_ask_again(page):
    view = page.locator(".jp-Cell:has(.gm-verdict)").first
    view.evaluate("element => element.scrollIntoView()")
    show = view.locator("select")
    first = show.input_value()
    table = view.locator("table").first
    shown = table.element_handle()
    show.select_option("capability")
    page.wait_for_function("shown => !shown.isConnected", arg=shown)
    prompt = view.locator(".jp-InputPrompt").inner_text()
    view.locator(".jp-InputArea-editor").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "([cell, before]) => /\\d/.test(cell.textContent) && cell.textContent !== before",
        arg=[view.locator(".jp-InputPrompt").element_handle(), prompt],
    )
    page.wait_for_function("() => document.querySelectorAll('.gm-verdict').length === 1")
    assert view.locator("select").input_value() == first


def step_both_lanes(page):
    found = conform(load_recording("7.3-gmem"))
    frames = film_of_conformity(found, facts.load("7.3")).frames
    player = page.locator(".gmemviz-player").first
    into_view(page, ".gmemviz-player")
    player.focus()
    keys(page, "Home")
    for frame in frames:
        assert roles(player) == frame["roles"]
        assert player.locator(".gmemviz-sentence").inner_text() == frame["sentence"]
        keys(page, "ArrowRight")
    both = [sum(role == "now" for role in frame["roles"].values()) for frame in frames]
    keys(page, "Home", *["ArrowRight"] * both.index(2))


def step_in_time(page):
    slider = page.locator(".widget-slider .noUi-handle")
    slider.evaluate("handle => handle.scrollIntoView()")
    slider.focus()
    player = page.locator(".gmemviz-player:not(.is-still)").first
    designs = [gallery(event.design) for event in history() if event.design]
    for key, design in zip(("Home", *["ArrowRight"] * 3), designs, strict=False):
        slider.press(key)
        title = player.locator(".gmemviz-title").element_handle()
        page.wait_for_function(IS, arg=[title, design.title])
    player.focus()
    keys(page, "End")
    frame = film_of_report(check(design, keep_moves=True)).frames[-1]
    assert player.locator(".gmemviz-function").inner_text() == frame["label"]
    assert player.locator(".gmemviz-defect").inner_text().removeprefix("✖ ") == frame["defect"]
    assert frame["defect"]
    slider.evaluate("handle => handle.scrollIntoView()")


def ask_once_more(page):
    into_view(page, EXPLORER)
    chosen = {"kernel": "6.12", "mount": "own", "placement": "i_private_data"}
    chosen["metadata"] = "hugetlb-subpool"
    said = {toggle(page, chosen, cleanup=one) for one in ("evict-after-truncate", "free-all")}
    assert len(said) == 2


def hear_the_kernel(page):
    into_view(page, ".gmemviz-matrix")
    chosen = {"kernel": "6.12", "mount": "own", "placement": "i_private_data"}
    for cleanup in ("evict-after-truncate", "free-all"):
        choices = {**chosen, "cleanup": cleanup, "metadata": "hugetlb-subpool"}
        page.locator(f'[data-cell="{cell_id(choices)}"]').click()
        lines = told(tuple(choices.values()), check(design_from_choices(**choices)).defects)
        assert lines.startswith("confirmed on 6.12.")
        page.wait_for_function(HEARD, arg=lines)


def step_to_what_6_1_allows(page):
    [read] = shipped_tables("6.1", "proc")
    found = judge_derived(derive(read)).broken[0]
    frame = film_of_report(check(found.design, keep_moves=True)).frames[-1]
    player = page.locator(".gmemviz-player").first
    into_view(page, ".gmemviz-player")
    play_on(page, player, to=3)
    keys(page, "End")
    assert player.locator(".gmemviz-function").inner_text() == frame["label"]
    assert player.locator(".gmemviz-defect").inner_text().removeprefix("✖ ") == frame["defect"]
    assert frame["defect"]


GESTURES = {
    "00_start_here": toggle_and_play,
    "01_super_operations": point_and_zoom,
    "02_inode_states": drive_back_and_branch,
    "03_teardown": play_the_road,
    "04_where_to_keep_metadata": move_the_metadata,
    "05_check_every_design": cell_to_its_run,
    "06_probe_kvm": open_a_group_and_ask_again,
    "07_real_kernel": step_both_lanes,
    "08_history": step_in_time,
    "09_answers": ask_once_more,
    "10_confirmed": hear_the_kernel,
    "11_every_filesystem": step_to_what_6_1_allows,
}
DESK = (1920, 1080)
LOOKS = [[("light", LAPTOP), ("dark", DESK)], [("dark", LAPTOP), ("light", DESK)]]


def test_every_notebook_has_its_gesture():
    books = {path.stem for path in (ROOT / "notebooks").glob("[0-9]*.ipynb")}
    assert books == GESTURES.keys()  # the talk has tests of its own


@pytest.mark.parametrize("book", GESTURES)
def test_the_main_gesture(lab, notebook, book):
    shutil.copy(ROOT / "notebooks" / f"{book}.ipynb", lab.folder)
    looks = LOOKS[int(book[:2]) % 2]
    page = notebook(f"{book}.ipynb", until=".gmemviz-player, .gm-verdict", look=looks[0])
    wait_until_over(page)
    for theme, size in looks:
        wear(page, theme, size)
        GESTURES[book](page)
        shot(page, f"book-{book[:2]}-{theme}-{size[0]}")
