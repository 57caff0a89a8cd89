"""Measure in the browser what a reader needs: contrast, focus, room, and what axe-core finds."""

import json
from pathlib import Path

COLOURS = """
const over = ([r, g, b, a], [x, y, z]) => [r * a + x * (1 - a), g * a + y * (1 - a), b * a + z * (1 - a), 1];
const unmixed = (css) => {
    if (css === 'none') return [0, 0, 0, 0];
    const [r, g, b, a] = css.match(/[\\d.]+/g).map(Number);
    const scale = css.startsWith('color(') ? 255 : 1;
    return [r * scale, g * scale, b * scale, a ?? 1];
};
const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const ratio = (one, other) => {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
};
const paper = (node) => {
    const back = unmixed(getComputedStyle(node).backgroundColor);
    if (back[3] === 1 || !node.parentElement) return back[3] ? back : unmixed(getComputedStyle(document.body).backgroundColor);
    return over(back, paper(node.parentElement));
};
const veil = (node) => (node ? Number(getComputedStyle(node).opacity) * veil(node.parentElement) : 1);
const seen = (node) => node.getBoundingClientRect().width > 1 && node.checkVisibility({visibilityProperty: true});
const faded = (css, node, behind) => { const ink = unmixed(css); return over([...ink.slice(0, 3), ink[3] * veil(node)], behind); };
"""

# Each word's ink against what is behind it: its shape's fill in a picture, else the paper.
WORDS = f"""(hosts) => {{ {COLOURS}
    const behind = (node) => {{
        const shape = node.parentNode.classList.contains('node') && [...node.parentNode.children]
            .find((one) => /^(path|polygon|ellipse)$/.test(one.localName) && getComputedStyle(one).fill !== 'none');
        const back = paper(node.closest('svg')?.parentElement ?? node);
        return shape ? over(unmixed(getComputedStyle(shape).fill), back) : back;
    }};
    return [...document.querySelectorAll(hosts)].flatMap((host) => [...host.querySelectorAll('*')]).filter((node) =>
        !node.closest('option, [disabled], style') && seen(node) &&
        [...node.childNodes].some((child) => child.nodeType === 3 && child.data.trim()),
    ).map((node) => {{
        const css = node instanceof SVGElement ? getComputedStyle(node).fill : getComputedStyle(node).color;
        const back = behind(node);
        return [ratio(faded(css, node, back), back), node.textContent.trim().slice(0, 40), node.className.baseVal ?? node.className];
    }});
}}"""

# A shape is seen by its frame or by its fill, a line by itself.
SHAPES = f"""(hosts) => {{ {COLOURS}
    const shapes = '.node > :is(path, polygon, ellipse), .edge:not(.role-absent) > path, .cluster > :is(path, polygon)';
    return [...document.querySelectorAll(hosts)].flatMap((host) => [...host.querySelectorAll(shapes)]).filter((node) =>
        !node.closest('.note, .inapplicable') && seen(node) && getComputedStyle(node).strokeWidth !== '0px',
    ).map((node) => {{
        const back = paper(node.closest('svg').parentElement), look = getComputedStyle(node);
        const both = [look.stroke, look.fill].map((css) => ratio(faded(css, node, back), back));
        return [Math.max(...both), node.parentNode.getAttribute('class'), node.parentNode.dataset.id ?? ''];
    }});
}}"""

# The element with the focus: its name, and how its outline stands out from what is around it.
FOCUS = f"""() => {{ {COLOURS}
    const node = document.activeElement, look = getComputedStyle(node);
    const wide = look.outlineStyle === 'none' ? 0 : parseFloat(look.outlineWidth);
    const name = node.getAttribute('aria-label') || node.labels?.[0]?.textContent || node.title || node.textContent.trim();
    return {{
        name: name.slice(0, 60), tag: node.localName, isOurs: Boolean(node.closest('.gmemviz-explorer, .gmemviz-player')),
        wide, contrast: wide ? ratio(unmixed(look.outlineColor), paper(node.parentElement)) : 0,
        keeps: node.dataset.lmSuppressShortcuts === 'true',
    }};
}}"""

# What a larger type cuts off, and what lies over what.
CUT = """(hosts) => [...document.querySelectorAll(hosts)].flatMap((host) => [...host.querySelectorAll('*')]).filter((node) => {
    if (!(node instanceof HTMLElement) || node.offsetWidth < 2 || node.localName === 'input') return false;
    if (!node.checkVisibility({visibilityProperty: true})) return false;
    const look = getComputedStyle(node);
    const isCut = (axis) => !/^(visible|auto|scroll)$/.test(look[`overflow${axis}`]);
    return (isCut('X') && node.scrollWidth > node.clientWidth + 1) || (isCut('Y') && node.scrollHeight > node.clientHeight + 1);
}).map((node) => `${node.localName}.${node.className}: ${node.textContent.trim().slice(0, 40)}`)"""
OVERLAPS = """(hosts) => {
    const words = [...document.querySelectorAll(hosts)].flatMap((host) => [...host.querySelectorAll('*')]).filter((node) =>
        node instanceof HTMLElement && node.offsetWidth > 1 && node.checkVisibility({visibilityProperty: true}) &&
        !node.closest('.gmemviz-ticks') &&
        (/^(button|select|input)$/.test(node.localName) || [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim())) &&
        !node.parentElement.closest('button, select'));
    const boxes = words.map((node) => {
        if (/^(button|select|input)$/.test(node.localName)) return [node.getBoundingClientRect()];
        return [...node.childNodes].filter((one) => one.nodeType === 3).flatMap((one) => {
            const range = document.createRange();
            range.selectNodeContents(one);
            return [...range.getClientRects()];
        });
    });
    const isOver = (a, b) => Math.min(a.right, b.right) - Math.max(a.left, b.left) > 2 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 4;
    return words.flatMap((one, i) => words.slice(i + 1).flatMap((other, n) =>
        !one.contains(other) && !other.contains(one) && boxes[i].some((a) => boxes[i + 1 + n].some((b) => isOver(a, b)))
            ? [`${one.textContent.slice(0, 30)} | ${other.textContent.slice(0, 30)}`] : []));
}"""


def weak(page, hosts):
    """Return the words below 4.5:1 and the shapes below 3:1; there are some of each."""
    shapes = page.evaluate(SHAPES, hosts)
    return weak_words(page, hosts) + [one for one in shapes if one[0] < 3]


def weak_words(page, hosts):
    """Return the words below 4.5:1; there are some."""
    words = page.evaluate(WORDS, hosts)
    assert words
    return [one for one in words if one[0] < 4.5]


def axe(page, hosts):
    """Return axe-core's serious and critical findings within `hosts`."""
    from axe_playwright_python.base import AXE_FILE_PATH

    page.evaluate(Path(AXE_FILE_PATH).read_text(encoding="utf-8"))
    ask = "hosts => axe.run({include: hosts}).then((found) => JSON.stringify(found))"
    found = json.loads(page.evaluate(ask, [[one] for one in hosts]))
    assert found["passes"]
    return [
        f"{one['id']}: {one['nodes'][0]['html']}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def tabbed(page, most=120):
    """Press Tab until it leaves our widgets; return what had the focus."""
    stops = []
    for _ in range(most):
        stop = page.evaluate(FOCUS)
        if stops and not stop["isOurs"]:
            return stops
        stops.append(stop)
        page.keyboard.press("Tab")
    raise AssertionError("Tab does not lead out")
