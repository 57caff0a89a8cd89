"""Turn looks into DOT attributes and CSS: what a role, a class, a verdict or an edge wears.

The looks themselves, with every colour of a picture, are in `theme.toml`.
"""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final, NamedTuple

from gmemviz.facts import CONTEXTS as ROWS
from gmemviz.facts import Context
from gmemviz.model.design import DEFECTS, DefectCode


class Look(NamedTuple):
    """Give how a shape looks and what that means; `dash` as in SVG, `width` in points.

    `line` is the stroke of an edge in this role. "none" for a colour leaves the page seen.
    """

    symbol: str
    label: str
    fill: str = ""
    stroke: str = ""
    line: str = ""
    dash: str = ""
    width: float = 0.6


class EdgeLook(NamedTuple):
    """Give an edge's DOT style and arrow, the sign for it in words, and what it means."""

    style: str
    arrow: str
    sign: str
    label: str


_TABLES: Final[Mapping[str, Mapping[str, dict[str, Any]]]] = tomllib.loads(
    files("gmemviz.render").joinpath("theme.toml").read_text(encoding="utf-8")
)


def _looks(table: str) -> dict[str, Look]:
    # A look may name a family, whose fill and stroke it has.
    found = {}
    for name, row in _TABLES[table].items():
        own = {key: value for key, value in row.items() if key != "family"}
        shared = _TABLES["families"].get(row.get("family", ""), {})
        found[name] = Look(**shared, **own)
    return found


ROLES: Final[Mapping[str, Look]] = _looks("roles")
"""What a frame may ask for; an element without a role has its class's look."""

CLASSES: Final[Mapping[str, Look]] = _looks("classes")

VERDICTS: Final[Mapping[str, Look]] = _looks("verdicts")
"""What a cell of the matrix shows: a fill for a family of verdicts, a symbol for each."""

READINGS: Final[Mapping[str, Look]] = _looks("readings")
"""What the source of a table comes to where the matrix has no such verdict: a cell is no source."""

# A code of the model that has no look in the file fails here, when the module is loaded.
DEFECT_LOOKS: Final[Mapping[DefectCode, Look]] = {code: VERDICTS[code] for code in DEFECTS}

MARKS: Final[Mapping[str, Look]] = _looks("marks")
"""What a cell wears where a kernel was asked: a frame in its stroke, and in text its symbol."""

EDGES: Final[Mapping[str, EdgeLook]] = {
    kind: EdgeLook(**row) for kind, row in _TABLES["edges"].items()
}

# DOT has three lines for four roles; width and arrow tell the two dashed ones apart.
_LINE_OF: Final = {"seen": "solid", "between": "dashed", "in-source": "dotted", "unknown": "dashed"}

EVIDENCE: Final = tuple(_LINE_OF)
"""Roles of a call, by who says it: their dash is the line's, whatever its kind."""

_INK: Final = "#111111"
_PLAIN: Final = "#ffffff"
_CHOSEN: Final = "#0072b2"

# How wide the frame around an object is, in the roles that change it.
_FRAMES: Final = {"absent": 1, "freed": 1.4, "awaiting": 2.5, "leaked": 2.5, "defect": 3.5}

CONTEXTS: Final[Mapping[Context, str]] = {key: row.simulated for key, row in ROWS.items()}
RECORDED_CONTEXTS: Final[Mapping[Context, str]] = {key: row.recorded for key, row in ROWS.items()}
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


# --- DOT --------------------------------------------------------------------------------


def node_style(name: str) -> dict[str, str]:
    """Return DOT attributes for a node of class, role or verdict `name`; KeyError for others."""
    look = ROLES.get(name) or CLASSES.get(name) or READINGS.get(name) or VERDICTS[name]
    dashed = ",dashed" if look.dash else ""
    return {
        "fillcolor": _colour(look.fill),
        "color": _colour(look.stroke),
        "penwidth": f"{look.width:g}",
        "style": f"rounded,filled{dashed}",
        "fontcolor": _INK,
    }


def _colour(colour: str) -> str:
    return "transparent" if colour == "none" else colour  # DOT's word for SVG's


def edge_style(kind: str, role: str = "") -> dict[str, str]:
    """Return DOT attributes for an edge of `kind`, in the look of `role` if given."""
    look = ROLES.get(role)
    return {
        "style": _LINE_OF.get(role, EDGES[kind].style),
        "arrowhead": EDGES[kind].arrow,
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
    """Return the legend of `roles` as JSON-plain data, in the order of ROLES."""
    used = [(role, look) for role, look in ROLES.items() if role in roles]
    return [{"role": role, "label": look.label, "symbol": look.symbol} for role, look in used]


# --- CSS --------------------------------------------------------------------------------


def css() -> str:
    """Return the style sheet: light as drawn, dark by the page's own ink for lines and words.

    Each rule is one line, since a still keeps just those that it needs (`films/still.py`).
    """
    return "".join((*_page_rules(), *_node_rules(), *_edge_rules(), *_frame_rules()))


# JupyterLab says what its page's ink is; elsewhere it is the colour of the words around.
_PAGE_INK: Final = "var(--jp-ui-font-color1, currentColor)"
_FAINT: Final = "var(--jp-ui-font-color2, currentColor)"


def _rule(selector: str, **declared: object) -> str:
    words = [f"{name.replace('_', '-')}: {value}" for name, value in declared.items()]
    return f"{selector} {{ {'; '.join(words)} }}\n"


def _page_rules() -> list[str]:
    rules = [
        _rule("svg.gm .edge > path", stroke=_FAINT),
        _rule("svg.gm .edge > polygon", stroke=_FAINT, fill=_FAINT),
        _rule("svg.gm .edge.default > polygon", fill=f"var(--jp-layout-color0, {_PLAIN})"),
        _rule("svg.gm .edge > text, svg.gm .cluster > text", fill=_PAGE_INK),
        _rule("svg.gm .cluster > :is(path, polygon)", stroke=_FAINT, fill="none"),
    ]
    # The chosen toggle is filled and bold, so that it is seen on a light page and a dark one.
    chosen = ".gmemviz-explorer .jupyter-button.mod-active"
    rules.append(_rule(chosen, background=_CHOSEN, color=_PLAIN, font_weight="bold"))
    looks = {"gm-good": ROLES["held"], "gm-bad": ROLES["defect"], "gm-open": VERDICTS["undecided"]}
    for name, look in looks.items():
        bar = f"6px solid {look.stroke}"
        rules.append(_rule(
            f".gm-verdict.{name}", background=look.fill, color=_INK, border_left=bar,
            padding="4px 10px", line_height=1.4,
        ))  # fmt: skip
    return rules


def _node_rules() -> list[str]:
    rules = []
    for name, look in {**CLASSES, **VERDICTS, **READINGS}.items():
        rules += _shape_rules(f"svg.gm .node.{name}", look)
    rules.append(_rule("svg.gm .node:is(.note, .inapplicable) > text", fill=_PAGE_INK))
    for name, look in MARKS.items():
        mark = f"svg.gm .node.{name} > polygon"
        rules.append(_rule(mark, stroke=look.stroke, stroke_width=f"{look.width:g}"))
    pointed_at = "svg.gm .node.is-cell:is(:hover, .is-here, .is-chosen) > polygon"
    rules.append(_rule(pointed_at, stroke=_INK))
    for role, look in ROLES.items():
        rules += _shape_rules(f"svg.gm .node.role-{role}", look)
    return rules


def _shape_rules(selector: str, look: Look) -> list[str]:
    shape = _rule(
        f"{selector} > :is(path, polygon, ellipse)", fill=look.fill, stroke=look.stroke,
        stroke_width=f"{look.width:g}", stroke_dasharray=look.dash or "none",
    )  # fmt: skip
    return [shape, _rule(f"{selector} > text", fill=_INK)]


def _edge_rules() -> list[str]:
    rules = []
    for role, look in ROLES.items():
        edge = f"svg.gm .edge.role-{role}"
        rules.append(_rule(f"{edge} > path", stroke=look.line, stroke_width=f"{look.width:g}"))
        rules.append(_rule(f"{edge} > polygon", stroke=look.line, fill=look.line))
    for role in EVIDENCE:
        dash = ROLES[role].dash or "none"
        rules.append(_rule(f"svg.gm .edge.role-{role} > path", stroke_dasharray=dash))
    return rules


# What is not there is a ghost of a line without a word, or a word in a dotted frame.
def _frame_rules() -> list[str]:
    rules = [
        _rule("svg.gm .edge.role-absent", opacity=0.15),
        _rule("svg.gm .edge.role-absent > text", visibility="hidden"),
        _rule("svg.gm :is(.node, .cluster).role-absent > text", fill=_FAINT),
    ]
    for role, width in _FRAMES.items():
        frame, look = f"svg.gm .cluster.role-{role} > :is(path, polygon)", ROLES[role]
        dash = look.dash or "none"
        rules.append(_rule(frame, stroke=look.line, stroke_width=width, stroke_dasharray=dash))
    return rules
