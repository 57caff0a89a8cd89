"""Hold one picture: DOT text with roles, which displays and saves itself."""

import base64
import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from gmemviz.errors import MissingToolError
from gmemviz.render import engine
from gmemviz.render.theme import cluster_style, edge_style, node_style
from gmemviz.shown import MOST, Text, plain
from gmemviz.text import one_line

Attributes = tuple[tuple[str, str], ...]
"""DOT attributes of one element, which win over those of its look."""

UNSEEN: Final[Attributes] = (("style", "invis"),)
"""What only holds others in their places; ids and classes stay."""

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_]")


def element_id(*words: str) -> str:
    """Return an SVG id of [A-Za-z0-9_] from words; equal words give equal ids."""
    return "__".join(_UNSAFE.sub("_", word) for word in words)


@dataclass(frozen=True, slots=True)
class Node:
    """Give a node: its id in DOT and SVG, its look (a class of the theme), its words."""

    id: str
    label: str
    look: str = "vfs"
    tooltip: str = ""
    shape: str = "box"
    extra: Attributes = ()


@dataclass(frozen=True, slots=True)
class Arrow:
    """Give an edge between two nodes' ids; `kind` is one of the theme's."""

    id: str
    tail: str
    head: str
    kind: str = "direct"
    label: str = ""
    tooltip: str = ""
    extra: Attributes = ()


@dataclass(frozen=True, slots=True)
class Cluster:
    """Give a frame around nodes and smaller frames."""

    id: str
    label: str
    nodes: tuple[Node, ...] = ()
    clusters: tuple["Cluster", ...] = ()


# --- lines of DOT: each attribute list is sorted, so equal pictures are equal text ---------


def _attributes(values: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={engine.quote(value)}" for name, value in sorted(values.items()))


def _node(node: Node, roles: Mapping[str, str]) -> str:
    look = roles.get(node.id) or node.look
    values = {
        **node_style(look),
        "id": node.id,
        "class": node.look,
        "label": node.label,
        "shape": node.shape,
        "tooltip": node.tooltip or node.label,
        **dict(node.extra),
    }
    return f"{engine.quote(node.id)} [{_attributes(values)}]"


def _edge(edge: Arrow, roles: Mapping[str, str]) -> str:
    values = {
        **edge_style(edge.kind, roles.get(edge.id, "")),
        "id": edge.id,
        "class": edge.kind,
        "label": edge.label,
        "tooltip": edge.tooltip or edge.label or edge.kind,
        **dict(edge.extra),
    }
    return f"{engine.quote(edge.tail)} -> {engine.quote(edge.head)} [{_attributes(values)}]"


# Graphviz takes a subgraph for a frame if its name begins with "cluster".
def _cluster(cluster: Cluster, roles: Mapping[str, str], indent: str) -> Iterable[str]:
    yield f"{indent}subgraph {engine.quote('cluster_' + cluster.id)} {{"
    values = {"id": cluster.id, "label": cluster.label, **cluster_style(roles.get(cluster.id, ""))}
    yield f"{indent}  graph [{_attributes(values)}]"
    for inner in cluster.clusters:
        yield from _cluster(inner, roles, indent + "  ")
    for node in cluster.nodes:
        yield f"{indent}  {_node(node, roles)}"
    yield f"{indent}}}"


_FONT: Final = {"fontname": engine.FONT, "fontsize": "11"}
_NODES: Final = {**_FONT, "margin": "0.10,0.05", "height": "0.3"}
_EDGES: Final = {**_FONT, "fontsize": "9", "arrowsize": "0.7"}


def image(picture: bytes, mime: str, alt: str) -> str:
    """Return an <img> that carries `picture`: all that an untrusted notebook lets through."""
    data = base64.b64encode(picture).decode()
    return (
        f'<img alt="{html.escape(alt)}" style="background: white; max-width: 100%" '
        f'src="data:{mime};base64,{data}">'
    )


@dataclass(frozen=True)
class Drawing:
    """Hold a picture: what is in it, in the order given, and what it wears.

    `alt` says the same in words, `graph` has DOT attributes of the whole, `ranks`
    are groups of node ids that stand in one rank, `roles` dress elements by id, `origin` says
    where what it shows comes from.
    """

    name: str
    title: str
    alt: str
    nodes: tuple[Node, ...] = ()
    edges: tuple[Arrow, ...] = ()
    clusters: tuple[Cluster, ...] = ()
    graph: Attributes = ()
    ranks: tuple[tuple[str, ...], ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)
    origin: str = "extracted"

    @cached_property
    def dot(self) -> str:
        """Return the DOT text that the engine lays out; equal drawings give equal text."""
        whole = {"bgcolor": "transparent", "id": element_id(self.name, "graph"), **_FONT}
        whole |= dict(self.graph)
        lines = ["digraph {", f"  graph [{_attributes(whole)}]"]
        lines += [f"  node [{_attributes(_NODES)}]", f"  edge [{_attributes(_EDGES)}]"]
        for cluster in self.clusters:
            lines += _cluster(cluster, self.roles, "  ")
        lines += [f"  {_node(node, self.roles)}" for node in self.nodes]
        lines += [f"  {{ rank=same; {'; '.join(map(engine.quote, rank))} }}" for rank in self.ranks]
        lines += [f"  {_edge(edge, self.roles)}" for edge in self.edges]
        return Text("\n".join((*lines, "}")) + "\n")

    def dressed(self, roles: Mapping[str, str]) -> "Drawing":
        """Return the same picture in other roles; its layout stays."""
        return replace(self, roles=roles)

    @cached_property
    def svg(self) -> str:
        """Return the SVG, with a viewBox and no size, so that the page decides.

        MissingToolError without an engine, DrawingError for one that does not draw.
        """
        return Text(engine.svg(self.dot).replace("<svg ", '<svg class="gm" ', 1))

    def save(self, path: str | Path) -> Path:
        """Write .svg, .png, .pdf or .dot, whole or not at all; return the path."""
        engine.save(self.dot, path)
        return Path(path)

    def __repr__(self) -> str:
        return one_line(f"<Drawing {self.name}: {self.title}>", MOST)

    @property
    def image(self) -> str:
        """Return the picture as an <img> that a notebook keeps."""
        return Text(image(engine.svg(self.dot).encode(), "image/svg+xml", self.alt))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        text = {"text/plain": plain(f"{self.title}\n\n{self.alt}")}
        try:
            return {"text/html": self.image, **text}
        except MissingToolError:  # who cannot draw can read
            return text
