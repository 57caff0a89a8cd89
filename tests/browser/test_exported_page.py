"""The exported page as a reader opens it: from disk, with every request to anywhere failing."""

from pathlib import Path

import pytest

from gmemviz import compare, gallery
from tests.browser.exported import frames

pytestmark = pytest.mark.browser

MERGED = "guest_memfd-7.3"


def count(page, nth=0):
    return page.locator(".gmemviz-count").nth(nth).inner_text()


def wait_for_count(page, text):
    page.wait_for_function(
        "text => document.querySelector('.gmemviz-count').textContent === text", arg=text
    )


def fragment(page, expected):
    page.wait_for_function("text => decodeURIComponent(location.hash) === text", arg=expected)


def test_keys_and_clicker_step_without_a_click(opened):
    page, last = opened("correct"), len(frames(MERGED))
    assert count(page) == f"1 / {last}"
    for key, expected in [("ArrowRight", 2), ("PageDown", 3), ("ArrowLeft", 2), ("End", last),
                          ("PageUp", last - 1), ("Home", 1), ("PageDown", 2)]:  # fmt: skip
        page.keyboard.press(key)
        assert count(page) == f"{expected} / {last}"
    assert page.evaluate("scrollY") == 0
    page.keyboard.press("Space")
    wait_for_count(page, f"4 / {last}")
    page.keyboard.press("Space")
    page.keyboard.press("Control+ArrowRight")
    assert int(count(page).split()[0]) in (4, 5)
    page.keyboard.press("ArrowDown")  # these are the browser's
    page.wait_for_function("() => scrollY > 0")


def test_every_step_looks_as_the_film_says(opened):
    page = opened("correct")
    read = """() => Object.fromEntries([...document.querySelectorAll('.gm-player [data-id]')].flatMap((node) => {
        const role = /role-([\\w-]+)/.exec(node.getAttribute('class') ?? '');
        return role ? [[node.dataset.id, role[1]]] : [];
    }))"""
    page.keyboard.press("End")
    page.keyboard.press("Home")
    drawn = set(
        page.evaluate(
            "[...document.querySelectorAll('.gm-player [data-id]')].map((n) => n.dataset.id)"
        )
    )
    for number, frame in enumerate(frames(MERGED), 1):
        worn = {element: role for element, role in frame["roles"].items() if element in drawn}
        assert page.evaluate(read) == worn, number
        assert len(worn) > 20
        assert page.locator(".gmemviz-function").inner_text() == frame["label"]
        page.keyboard.press("ArrowRight")


def test_tooltips_survive(opened):
    page = opened("correct")
    title = page.locator('.gm-player [data-id="calls__iput"] > title')
    assert title.text_content().startswith("fs/inode.c:")
    shape = page.locator('.gm-player [data-id="calls__iput"] > path')
    assert shape.evaluate("node => getComputedStyle(node).strokeWidth") == "1.2px"


def test_the_address_points_at_a_step(opened):
    page, last = opened("correct", "#12"), len(frames(MERGED))
    assert count(page) == f"12 / {last}"
    page.keyboard.press("ArrowRight")
    fragment(page, "#guest_memfd-7.3/shortest-run/13")
    page.evaluate("last => location.hash = `#guest_memfd-7.3/shortest-run/${last}`", last)
    wait_for_count(page, f"{last} / {last}")
    page.locator(".gm-steps a").nth(4).click()
    assert count(page) == f"5 / {last}"
    assert page.locator("[aria-current=step]").count() == 1
    assert page.locator(".gm-steps li").nth(4).locator("[aria-current=step]").count() == 1


HAS = "it has guest_memfd-7.3/shortest-run."
NOWHERE = [
    ("#99", "Step 99 is beyond this run, which has {last} steps."),
    ("#shmem-9/o-path/3", f"This page does not have shmem-9/o-path; {HAS}"),
    ("#<img src=x onerror=hit()>/1", f"This page does not have <img src=x onerror=hit()>; {HAS}"),
]


@pytest.mark.parametrize(("where", "said"), NOWHERE)
def test_an_address_that_leads_nowhere_is_one_sentence(opened, where, said):
    page, last = opened("correct", where), len(frames(MERGED))
    assert page.locator(".gm-told").inner_text() == said.format(last=last)
    assert count(page) == f"1 / {last}"
    page.keyboard.press("ArrowRight")
    assert not page.locator(".gm-told").is_visible()


def test_several_runs_and_one_shown(opened):
    page = opened("defects")
    shortest, late = (
        len(frames("rfc-v1-free_inode", run)) for run in ("shortest-run", "to-late-release")
    )
    assert count(page) == f"{shortest} / {shortest}"  # where the defect is
    assert page.locator(".gmemviz-defect").inner_text() == "✖ lock-context"
    assert page.locator(".gm-run:visible").count() == 1
    page.get_by_label("Watch").select_option(label="The shortest run to late-release")
    assert page.locator(".gmemviz-defect:visible").inner_text() == "✖ late-release"
    late -= 3  # where the second creation is refused, three steps before it is given back
    fragment(page, f"#rfc-v1-free_inode/to-late-release/{late}")
    page.locator("h1").click()
    page.keyboard.press("PageUp")
    fragment(page, f"#rfc-v1-free_inode/to-late-release/{late - 1}")
    page.goto(page.url.replace(f"to-late-release/{late - 1}", "to-sleep-in-softirq/3"))
    page.wait_for_function("() => document.querySelector('#gm-watch').value === '2'")
    softirq = len(frames("rfc-v1-free_inode", "to-sleep-in-softirq"))
    assert page.locator(".gmemviz-count:visible").inner_text() == f"3 / {softirq}"


def test_two_runs_step_together_from_where_they_part(opened):
    page, kernels = opened("comparison"), ("guest_memfd-6.12", MERGED)
    at = compare(*map(gallery, kernels)).parting
    last = max(len(frames(kernel, at.scenario)) for kernel in kernels)
    assert [count(page, nth) for nth in (0, 1)] == [f"{at.step} / {last}"] * 2
    page.locator(".gmemviz-player").nth(1).press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert [count(page, nth) for nth in (0, 1)] == [f"{at.step + 2} / {last}"] * 2
    page.wait_for_function(
        """([at, last]) => new RegExp(`^A: Step ${at} of ${last}: .* B: Step ${at} of ${last}: `).test(
        [...document.querySelectorAll('[aria-live=polite]')].map((node) => node.textContent).join(''))""",
        arg=[at.step + 2, last],
    )
    page.keyboard.press("End")
    assert page.locator(".gmemviz-function").nth(0).inner_text() == "this run is over"
    assert page.locator(".gmemviz-function").nth(1).inner_text() == "kmem_cache_free"
    page.keyboard.press("Home")
    page.locator("select").nth(0).select_option("4")
    page.locator("select").nth(1).select_option("4")
    page.locator("[data-action=play]").nth(0).click()
    wait_for_count(page, f"3 / {last}")
    assert int(count(page, 1).split()[0]) >= 3


def test_a_held_key_shows_every_step_and_the_address_where_it_rests(opened):
    page = opened("correct")
    page.evaluate("""() => {
        window.seen = new Set();
        const count = document.querySelector('.gmemviz-count');
        new MutationObserver(() => seen.add(count.textContent)).observe(count, {childList: true});
    }""")
    last = len(frames(MERGED))
    for _ in range(last - 1):
        page.keyboard.down("ArrowRight")
        page.wait_for_timeout(20)
    page.keyboard.up("ArrowRight")
    assert page.evaluate("seen.size") == last - 1
    fragment(page, f"#guest_memfd-7.3/shortest-run/{last}")


def test_names_stay_text(opened):
    page = opened("evil")
    page.keyboard.press("End")
    page.wait_for_timeout(300)
    assert page.evaluate("window.hit") is None
    assert page.locator("h1").inner_text().startswith("<script>window.hit=1</script><img src=x")
    assert page.locator("script").count() == 2
    assert page.locator("img").count() == 0


def test_everything_is_reached_by_tab_and_seen_to_be(opened):
    page = opened("defects")
    reached = {}
    for _ in range(45):
        page.keyboard.press("Tab")
        name, is_seen = page.evaluate("""() => {
            const node = document.activeElement, look = getComputedStyle(node);
            const isSeen = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2;
            return [node.dataset.action || node.id || node.className || node.getAttribute('href'), isSeen];
        }""")
        reached[name] = is_seen
    wanted = {"gmemviz-player gmemviz is-defect", "first", "play", "last", "whole", "gm-watch"}
    assert wanted | {f"#rfc-v1-free_inode/shortest-run/{n}" for n in (1, 9)} <= set(reached)
    assert [name for name, is_seen in reached.items() if not is_seen] == []


def test_a_picture_is_saved_although_nothing_may_load(opened):
    page = opened("recording")
    for kind in ("SVG", "PNG"):
        with page.expect_download() as download:
            page.locator('[data-picture="calls"] button', has_text=kind).click()
        assert Path(download.value.path()).stat().st_size > 5_000
