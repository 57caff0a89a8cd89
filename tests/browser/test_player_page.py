"""The player on an empty page, with a stand-in for the model: what a notebook hides."""

import re
from pathlib import Path

import pytest

from gmemviz.frontend import script, stylesheet
from tests.widget.tiny_film import tiny_film

pytestmark = pytest.mark.browser

SHOW = """async ([code, css, film, className]) => {
    window.made ??= URL.createObjectURL(new Blob([code], {type: "text/javascript"}));
    window.player ??= (await import(window.made)).default;
    const style = document.createElement("style");
    style.textContent = css;
    document.head.append(style);
    const values = {film, index: 0, playing: false, interval_ms: 700};
    const heard = new Map();
    const model = {
        values, heard, saved: 0,
        get: (name) => values[name],
        set: (name, value) => {
            if (values[name] === value) return;
            values[name] = value;
            for (const act of heard.get(`change:${name}`) ?? []) act();
        },
        on: (name, act) => heard.set(name, [...(heard.get(name) ?? []), act]),
        off: (name, act) => heard.set(name, heard.get(name).filter((other) => other !== act)),
        save_changes: () => (model.saved += 1),
    };
    const outer = document.createElement("div");
    outer.className = className;
    const el = document.createElement("div");
    outer.append(el);
    const cleanup = window.player.render({model, el});
    document.body.append(outer);
    (window.shown ??= []).push({model, el, cleanup});
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
}"""


@pytest.fixture
def show(watched):
    def render(film, class_name="plain"):
        watched.evaluate(SHOW, [script(), stylesheet(), film, class_name])
        return watched

    return render


def test_hostile_pictures_and_words_stay_inert(show):
    film = tiny_film(3, title="<img src=x onerror='window.hit=1'>")
    film["frames"][0]["sentence"] = "<script>window.hit=2</script>"
    film["pictures"][0]["title"] = "<b onclick='window.hit=3'>x</b>"
    film["pictures"][0][
        "svg"
    ] = """<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
        viewBox="0 0 9 9" onload="window.hit=4"><script>window.hit=5</script><style>* {fill: red}</style>
        <foreignObject><body xmlns="http://www.w3.org/1999/xhtml"><img src="x" onerror="window.hit=6"/></body></foreignObject>
        <a xlink:href="javascript:window.hit=7" href="http://198.51.100.1/"><g id="n_iput" class="node" onclick="window.hit=8">
        <rect width="9" height="9" style="fill:url(http://198.51.100.1/p);stroke:#123456" fill="url(http://198.51.100.1/q)"/></g></a>
        <image href="http://198.51.100.1/i.png"/><use href="http://198.51.100.1/u.svg#a"/>
        <set attributeName="onclick" to="window.hit=9"/><rect id="n_evict" width="1" height="1" fill="u\\72l(http://198.51.100.1/r)"/></svg>"""
    page = show(film)
    page.locator('[data-id="n_iput"]').click(force=True)
    page.wait_for_timeout(300)
    assert page.evaluate("window.hit") is None
    assert (
        page.locator(
            ".gmemviz-picture :is(script, style, foreignObject, image, use, set, a, img)"
        ).count()
        == 0
    )
    assert (
        page.evaluate("""() => [...document.querySelectorAll('.gmemviz-picture *')].flatMap((e) =>
        [...e.attributes].filter((a) => /^on|href/i.test(a.name) || /198\\.51/.test(a.value))).length""")
        == 0
    )
    assert page.locator('[data-id="n_iput"] rect').get_attribute("width") == "9"
    assert page.locator('[data-id="n_iput"]').get_attribute("class") == "node role-now"
    assert page.locator(".gmemviz-title").inner_text() == film["title"]


def test_a_broken_picture_leaves_its_words(show):
    film = tiny_film(3)
    film["pictures"][0]["svg"] = "<svg"
    page = show(film)
    assert "iput calls evict" in page.locator('[data-picture="calls"]').inner_text()


def test_two_players_with_the_same_ids_do_not_disturb_each_other(show):
    show(tiny_film(5))
    page = show(tiny_film(5))
    page.locator(".gmemviz-player").nth(1).press("ArrowRight")
    classes = [page.locator('[data-id="n_evict"]').nth(n).get_attribute("class") for n in (0, 1)]
    assert classes == ["node", "node role-now"]


def test_cleanup_leaves_nothing(show):
    page = show(tiny_film(5))
    left = page.evaluate("""async () => {
        const {model, el, cleanup} = shown[0];
        model.set("interval_ms", 20);
        model.set("playing", true);
        cleanup();
        const index = model.get("index");
        await new Promise((done) => setTimeout(done, 120));
        return [el.childNodes.length, [...model.heard.values()].flat().length, model.get("index") - index];
    }""")
    assert left == [0, 0, 0]


def test_the_explorer_around_it_keeps_keys_too(show):
    page = show(tiny_film(3), "gmemviz-explorer")
    assert page.locator(".gmemviz-explorer").get_attribute("data-lm-suppress-shortcuts") == "true"


def test_it_speaks_where_it_rests_and_not_in_a_rush(show):
    page = show(tiny_film(9))
    page.evaluate("""() => {
        window.said = [];
        const live = document.querySelector('[aria-live]');
        new MutationObserver(() => said.push(live.textContent)).observe(live, {childList: true});
    }""")
    for _ in range(4):
        page.locator(".gmemviz-player").press("ArrowRight")
    page.wait_for_timeout(800)
    assert page.evaluate("said") == [
        "Step 5 of 9: iput, process context, may sleep. Step 5 happens."
    ]


def test_less_motion_makes_play_slow(show):
    page = show(tiny_film(9))
    page.emulate_media(reduced_motion="reduce")
    page.locator(".gmemviz-player").press("Space")
    page.wait_for_timeout(1000)
    assert page.locator(".gmemviz-count").inner_text() == "1 / 9"
    page.wait_for_function("() => document.querySelector('.gmemviz-count').textContent === '2 / 9'")


@pytest.mark.parametrize("kind", ["SVG", "PNG"])
def test_a_picture_is_saved_as_it_looks(show, kind):
    page = show(tiny_film(9))
    page.locator(".gmemviz-player").press("ArrowRight")
    with page.expect_download() as download:
        page.locator('[data-picture="calls"] button', has_text=kind).click()
    assert download.value.suggested_filename == f"tiny-run-calls-2.{kind.lower()}"
    content = Path(download.value.path()).read_bytes()
    if kind == "PNG":
        assert content.startswith(b"\x89PNG")
        assert len(content) > 500
    else:
        assert b'viewBox="0 0 260 50"' in content
        assert re.findall(rb' id="(\w+)"', content) == [b"n_iput", b"n_evict"]
        assert b' stroke="rgb(' in content


def test_zoom_pan_and_reset(show):
    page = show(tiny_film(3))
    svg = page.locator('[data-picture="calls"] > svg')
    svg.hover()
    page.mouse.wheel(0, -300)
    assert svg.get_attribute("viewBox") == "0 0 260 50"  # a plain wheel scrolls the page
    page.keyboard.down("Control")
    page.mouse.wheel(0, -300)
    page.keyboard.up("Control")
    page.wait_for_function(
        "() => document.querySelector('[data-picture=calls] > svg').getAttribute('viewBox') !== '0 0 260 50'"
    )
    svg.dblclick()
    assert svg.get_attribute("viewBox") == "0 0 260 50"


def test_one_picture_can_fill_the_room(show):
    page = show(tiny_film(3))
    larger = page.locator('[data-picture="memory"] button', has_text="⤢")
    larger.click()
    assert not page.locator('[data-picture="calls"]').is_visible()
    larger.click()
    assert page.locator('[data-picture="calls"]').is_visible()


def test_no_step_moves_the_pictures(show):
    film = tiny_film(3)
    film["frames"][1]["sentence"] = "A long sentence. " * 20
    page = show(film)
    tops = []
    for _ in film["frames"]:
        tops.append(page.locator(".gmemviz-pictures").bounding_box()["y"])
        page.locator(".gmemviz-player").press("ArrowRight")
    assert len(set(tops)) == 1


@pytest.mark.parametrize("width", [420, 850, 1500])
def test_nothing_overflows(show, watched, width):
    watched.set_viewport_size({"width": width, "height": 800})
    page = show(tiny_film(30))
    assert page.evaluate("document.documentElement.scrollWidth") <= width
