"""Say what a role looks like; the only file with colours.

Okabe and Ito's palette with black text on the fills; every role has a second cue
(a dash, a width or a symbol), so a picture reads in grey and to the colour-blind.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from gmemviz.facts import CONTEXTS as ROWS
from gmemviz.facts import Context
from gmemviz.model.design import DefectCode


class Look(NamedTuple):
    """Give a role's fill, stroke, dash pattern, stroke width, symbol and meaning."""

    fill: str
    stroke: str
    dash: str
    width: float
    symbol: str
    label: str


_INK: Final = "#111111"
_PLAIN: Final = "#ffffff"
_CHOSEN: Final = "#0072b2"

ROLES: Final[Mapping[str, Look]] = {
    "now": Look("#e69f00", "#a34300", "", 2.6, "▶", "now"),
    "done": Look("#cde9f8", "#0072b2", "", 1.6, "✓", "has run"),
    "held": Look("#bfe6d8", "#00664a", "", 1.6, "●", "allocated"),
    "touched": Look("#fbd58a", "#a34300", "5,2", 2.2, "✎", "changed at this step"),
    "awaiting": Look("#f0e442", "#7a7300", "6,3", 1.8, "◷", "waits for a grace period"),
    "freed": Look("#d9d9d9", "#555555", "2,3", 1.4, "✗", "freed"),
    "leaked": Look("#e9b9d3", "#8f2f66", "8,3", 2.4, "∞", "never freed"),
    "defect": Look("#ff8a4d", "#b02e00", "", 3.6, "⚠", "the defect"),
    "dangling": Look("#ff8a4d", "#b02e00", "4,3", 2.4, "⚠", "points to freed memory"),
    "added": Look("#bfe6d8", "#00664a", "", 2.4, "+", "added"),
    "gone": Look("#e9b9d3", "#8f2f66", "5,3", 2.0, "-", "gone"),
    "renamed": Look("#f0e442", "#7a7300", "", 2.0, "~", "renamed"),
    "absent": Look("none", "#8a8a8a", "1,4", 1.0, "·", "not there"),
    "differs": Look("#ff8a4d", "#b02e00", "", 3.6, "≠", "first difference"),
    "seen": Look("#bfe6d8", "#00664a", "", 2.6, "━", "recorded, and in the source"),
    "between": Look("#cde9f8", "#0072b2", "7,4", 2.2, "╍", "recorded; others stand between"),
    "in-source": Look(_PLAIN, "#6b6b6b", "1,3", 1.2, "┈", "only in the source"),
    "unknown": Look("#ff8a4d", "#b02e00", "12,3,2,3", 3.4, "╪", "only in the recording"),
}
"""What a frame may ask for; an element without a role has its class's look."""

EVIDENCE: Final = ("seen", "between", "in-source", "unknown")
"""Roles of a call, by who says it: their dash is the line's, whatever its kind."""

CLASSES: Final[Mapping[str, Look]] = {
    "vfs": Look(_PLAIN, "#555555", "", 1.2, "□", "function of the kernel"),
    "hook": Look("#e8e3f5", "#5b3f9c", "", 2.0, "▣", "hook that is set"),
    "idle": Look("#ffffff", "#b02e00", "5,4", 2.0, "▢", "hook that no run can enter"),
    "user": Look("#efefef", "#555555", "", 1.2, "○", "where it starts"),
    "note": Look("none", "none", "", 0, "", "words beside the picture"),
    "chip": Look("#efefef", "#777777", "", 1.0, "▫", "state bit"),
}

_SOUND: Final = ("#84dcb8", "#00664a")
_GONE: Final = ("#ff9d66", "#b02e00")
_KEPT: Final = ("#ebb4d4", "#8f2f66")
_HELD: Final = ("#f2bf4d", "#8a5a00")
_OTHER: Final = ("#97cdf0", "#00558a")
_STOP: Final = ("#bba9e8", "#5b3f9c")
_NEVER: Final = ("#d0d0d0", "#555555")

DEFECT_LOOKS: Final[Mapping[DefectCode, Look]] = {
    "use-after-free": Look(*_GONE, "", 0.6, "U", "freed memory is touched"),
    "double-free": Look(*_GONE, "", 0.6, "2", "freed twice"),
    "wrong-cache": Look(*_GONE, "", 0.6, "C", "freed to or read from another cache"),
    "stale-alias": Look(*_GONE, "", 0.6, "R", "a reused key shows another's"),
    "leak": Look(*_KEPT, "", 0.6, "L", "metadata never freed"),
    "inode-leak": Look(*_KEPT, "", 0.6, "I", "the inode's struct never freed"),
    "objects-remain": Look(*_KEPT, "", 0.6, "O", "a cache is destroyed before its objects"),
    "busy-inodes": Look(*_KEPT, "", 0.6, "Y", "held beyond the superblock"),
    "late-release": Look(*_KEPT, "", 0.6, "T", "scarce, and held for a grace period"),
    "sleep-in-atomic": Look(*_HELD, "", 0.6, "S", "sleeps with i_lock held"),
    "sleep-in-softirq": Look(*_HELD, "", 0.6, "Q", "sleeps in an RCU callback"),
    "lock-context": Look(*_HELD, "", 0.6, "K", "plain lock of the dead in softirq"),
    "hang": Look(*_HELD, "", 0.6, "W", "waits for ever"),
    "deadlock": Look(*_HELD, "", 0.6, "D", "plain lock of the living in softirq"),
    "wrong-branch": Look(*_OTHER, "", 0.6, "B", "truncation finds it cleared already"),
    "per-file": Look(*_OTHER, "", 0.6, "F", "a second file sees something else"),
    "assertion": Look(*_STOP, "", 0.6, "A", "a BUG_ON of the kernel"),
    "crash": Look(*_STOP, "", 0.6, "X", "a field that nothing initialised"),
    "out-of-reach": Look(*_NEVER, "", 0.6, "E", "a reader has no way to it"),
    "unreachable-hook": Look(*_NEVER, "", 0.6, "H", "a hook that no run enters"),
    "no-such-field": Look(*_NEVER, "", 0.6, "N", "this kernel has no such field"),
}
"""How each defect looks: a fill for a family of codes, a symbol for each."""

VERDICTS: Final[Mapping[str, Look]] = {
    "correct": Look(*_SOUND, "", 0.6, "✓", "conventional (a judgement)"),
    "unconventional": Look("#e0f6ec", "#00664a", "", 0.6, "(✓)", "correct, but not conventional"),
    **{code: look for code, look in DEFECT_LOOKS.items()},  # noqa: C416 (a wider key)
    "undecided": Look("#fff3a1", "#6f6400", "", 0.6, "?", "a search hit its limit"),
    "inapplicable": Look("none", "none", "", 0, "-", "not a design"),
}
"""What a cell of the matrix shows: a fill for a family of verdicts, a symbol for each."""

MARKS: Final[Mapping[str, Look]] = {
    "confirmed": Look("", _INK, "", 0.6, "•", "a kernel says the same"),
    "disagrees": Look("", "#b02e00", "", 2.4, "≠", "a kernel says something else"),
}
"""What a cell wears where a kernel was asked: a frame in its stroke, and in text its symbol."""

ARROWS: Final[Mapping[str, str]] = {
    "direct": "→",
    "inline": "→",
    "ops": "◆",
    "default": "⇢ ▷",
    "through": "⊣",
    "recorded": "●",
    "deferred": "··>",
}
"""How the legend writes an edge of a kind."""

EDGES: Final[Mapping[str, tuple[str, str, str]]] = {
    # kind: (DOT style, arrow, meaning)
    "direct": ("solid", "normal", "direct call"),
    "inline": ("solid", "normal", "call of an inline function"),
    "ops": ("bold", "diamond", "call through an ops table"),
    "default": ("dashed", "empty", "default where the hook is NULL"),
    "through": ("solid", "tee", "by others, not drawn or not recorded"),
    "recorded": ("solid", "dot", "recorded; the source does not say how"),
    "deferred": ("dotted", "vee", "later, by a callback"),
    "pointer": ("solid", "vee", "pointer"),
    "phase": ("solid", "normal", "step that changes it"),
}

CONTEXTS: Final[Mapping[Context, str]] = {letter: row.simulated for letter, row in ROWS.items()}
RECORDED_CONTEXTS: Final[Mapping[Context, str]] = {
    letter: row.recorded for letter, row in ROWS.items()
}
"""What the letters mean in a recording: the tracer sees counts, not which lock."""

CONTEXTS_OF: Final[Mapping[str, Mapping[Context, str]]] = {
    "simulated": CONTEXTS,
    "recorded": RECORDED_CONTEXTS,
    "recorded and simulated": {
        **CONTEXTS,
        "P": "process context",
        "L": "some spinlock is held (recorded), i_lock (simulated)",
        "B": "softirq",
        "?": "context not recorded (recorded), nobody runs (simulated)",
    },
}
"""What the letters mean in a film, by its origin."""


def _seen(colour: str) -> str:
    return "transparent" if colour == "none" else colour  # SVG's word, and DOT's


def node_style(name: str) -> dict[str, str]:
    """Return DOT attributes for a node of class or role `name`."""
    look = ROLES.get(name) or CLASSES.get(name) or VERDICTS[name]
    dashed = ",dashed" if look.dash else ""
    return {
        "fillcolor": _seen(look.fill),
        "color": _seen(look.stroke),
        "penwidth": f"{look.width:g}",
        "style": f"rounded,filled{dashed}",
        "fontcolor": _INK,
    }


_STYLES: Final = {"seen": "solid", "between": "dashed", "in-source": "dotted", "unknown": "dashed"}
"""DOT has three lines; width and arrow tell the two dashed ones apart."""


def edge_style(kind: str, role: str = "") -> dict[str, str]:
    """Return DOT attributes for an edge of `kind`, in the look of `role` if given."""
    style, arrow, _ = EDGES[kind]
    look = ROLES.get(role)
    if look and role in EVIDENCE:
        style = _STYLES[role]
    return {
        "style": style,
        "arrowhead": arrow,
        "color": look.stroke if look else "#666666",
        "penwidth": f"{look.width if look else 1.2:g}",
        "fontcolor": "#444444",
    }


def cluster_style(role: str = "") -> dict[str, str]:
    """Return DOT attributes for a frame, in the look of `role` if given."""
    look = ROLES.get(role, CLASSES["chip"])
    style = "rounded,dashed" if look.dash else "rounded"
    return {"color": look.stroke, "penwidth": f"{look.width:g}", "style": style}


def legend(*roles: str) -> list[dict[str, str]]:
    """Return the legend of `roles`, in their order here."""
    return [
        {"role": role, "label": look.label, "symbol": look.symbol}
        for role, look in ROLES.items()
        if role in roles
    ]


def _rule(selector: str, look: Look) -> str:
    return (
        f"{selector} > :is(path, polygon, ellipse) "
        f"{{ fill: {look.fill}; stroke: {look.stroke}; stroke-width: {look.width:g}; "
        f"stroke-dasharray: {look.dash or 'none'} }}\n"
        f"{selector} > text {{ fill: {_INK} }}\n"
    )


def css() -> str:
    """Return the style sheet: light as drawn, dark by the page's own ink for lines and words."""
    ink = "var(--jp-ui-font-color1, currentColor)"
    faint = "var(--jp-ui-font-color2, currentColor)"
    rules = [
        f"svg.gm .edge > path {{ stroke: {faint} }}\n",
        f"svg.gm .edge > polygon {{ stroke: {faint}; fill: {faint} }}\n",
        f"svg.gm .edge.default > polygon {{ fill: var(--jp-layout-color0, {_PLAIN}) }}\n",
        f"svg.gm .edge > text, svg.gm .cluster > text {{ fill: {ink} }}\n",
        f"svg.gm .cluster > :is(path, polygon) {{ stroke: {faint}; fill: none }}\n",
    ]
    # The chosen toggle: filled and bold, on a light page and a dark one.
    rules.append(
        ".gmemviz-explorer .jupyter-button.mod-active "
        f"{{ background: {_CHOSEN}; color: {_PLAIN}; font-weight: bold }}\n"
    )
    looks = {"gm-good": ROLES["held"], "gm-bad": ROLES["defect"], "gm-open": VERDICTS["undecided"]}
    for name, look in looks.items():
        rules.append(
            f".gm-verdict.{name} {{ background: {look.fill}; color: {_INK}; "
            f"border-left: 6px solid {look.stroke}; padding: 4px 10px; line-height: 1.4 }}\n"
        )
    rules += [_rule(f"svg.gm .node.{name}", look) for name, look in {**CLASSES, **VERDICTS}.items()]
    rules.append(f"svg.gm .node:is(.note, .inapplicable) > text {{ fill: {ink} }}\n")
    rules += [
        f"svg.gm .node.{name} > polygon {{ stroke: {look.stroke}; stroke-width: {look.width:g} }}\n"
        for name, look in MARKS.items()
    ]
    marked = "svg.gm .node.is-cell:is(:hover, .is-here, .is-chosen) > polygon"
    rules.append(f"{marked} {{ stroke: {_INK} }}\n")
    rules += [_rule(f"svg.gm .node.role-{role}", look) for role, look in ROLES.items()]
    for role, look in ROLES.items():
        rules.append(
            f"svg.gm .edge.role-{role} > path "
            f"{{ stroke: {LINES[role]}; stroke-width: {look.width:g} }}\n"
            f"svg.gm .edge.role-{role} > polygon {{ stroke: {LINES[role]}; fill: {LINES[role]} }}\n"
        )
    rules += [
        f"svg.gm .edge.role-{role} > path {{ stroke-dasharray: {ROLES[role].dash or 'none'} }}\n"
        for role in EVIDENCE
    ]
    # What is not there is a ghost of a line without a word, or a word in a dotted frame.
    rules.append(
        "svg.gm .edge.role-absent { opacity: 0.15 }\n"
        "svg.gm .edge.role-absent > text { visibility: hidden }\n"
        f"svg.gm :is(.node, .cluster).role-absent > text {{ fill: {faint} }}\n"
    )
    rules += [
        f"svg.gm .cluster.role-{role} > :is(path, polygon) {{ stroke: {LINES[role]}; "
        f"stroke-width: {width}; stroke-dasharray: {ROLES[role].dash or 'none'} }}\n"
        for role, width in _FRAMES.items()
    ]
    return "".join(rules)


_FRAMES: Final = {"absent": 1, "freed": 1.4, "awaiting": 2.5, "leaked": 2.5, "defect": 3.5}
"""How wide the frame around an object is, in the roles that change it."""

# The strokes of fills are too dark on black.
LINES: Final[Mapping[str, str]] = {
    "now": "#d55e00", "touched": "#d55e00", "defect": "#d55e00", "dangling": "#d55e00",
    "differs": "#d55e00", "unknown": "#d55e00",
    "done": "#2a8fcb", "between": "#2a8fcb",
    "held": "#1a8f68", "added": "#1a8f68", "seen": "#1a8f68",
    "leaked": "#c05a98", "gone": "#c05a98",
    "awaiting": "#8a8200", "renamed": "#8a8200",
    "freed": "#808080", "in-source": "#808080", "absent": "#8a8a8a",
}  # fmt: skip
"""The line of a role, which stands out on white and on black alike."""
