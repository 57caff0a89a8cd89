"""Write one run of a page: its pictures as they stand at one step, and every step as a list.

The page's script takes the pictures from there, so that each stands in the file once; with no
script the page is still whole, as on paper. What the script needs besides is `run_data`.
"""

import html
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from gmemviz.render import ROLES, legend, still_step

SVG: Final = "http://www.w3.org/2000/svg"
TIP: Final = "{http://www.w3.org/1999/xlink}title"

Film = Mapping[str, Any]


class PageRun(NamedTuple):
    """Give a film as plain JSON, its name on the page, and the state that it is of.

    `state` has no step; it is "" where no words lead there, as to a recording. `start` is the
    step to begin with, from 1; `still` the one on paper.
    """

    film: Film
    name: str
    state: str
    start: int
    still: int

    @classmethod
    def of(cls, film: Film, name: str, state: str = "", *, step: int | None = None) -> "PageRun":
        """Return the run of a film, to begin with `step`, or where it tells most."""
        telling = still_step(film) + 1
        return cls(film, name, state, step or (telling if _defect(film) else 1), step or telling)


def _defect(film: Film) -> str:
    return next((frame["defect"] for frame in film["frames"] if frame["defect"]), "")


def run_data(run: PageRun) -> dict[str, Any]:
    """Return what the page's script needs beside the pictures, as plain JSON."""
    pictures = list(map(_without_svg, run.film["pictures"]))
    frames = without_repeats(run.film["frames"])
    film = {**run.film, "pictures": pictures, "frames": frames, "text": ""}
    return {"name": run.name, "state": run.state, "start": run.start - 1, "film": film}


def _without_svg(picture: Mapping[str, str]) -> dict[str, str]:
    return {key: picture[key] for key in ("name", "title", "alt")}


def without_repeats(frames: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return the frames with only those roles that change; role "" is the base look.

    Most elements keep their role from step to step, and a page is to be small enough to mail.
    """
    before: Mapping[str, str] = {}
    kept = []
    for frame in frames:
        roles = frame["roles"]
        gone = [element for element in before if element not in roles]
        changed = dict.fromkeys(gone, "")
        changed |= {element: role for element, role in roles.items() if before.get(element) != role}
        kept.append({**frame, "roles": changed})
        before = roles
    return kept


def run_html(run: PageRun, number: int, *, head: str) -> str:
    """Return run number `number` of the page, from 0, as a section of it.

    `head` is the HTML above its player. Steps are counted from 1, in its links too.
    """
    frame = run.film["frames"][run.still - 1]
    pictures = "\n".join(_figure(drawn, frame["roles"]) for drawn in run.film["pictures"])
    where = f"Step {run.still} of {len(run.film['frames'])}: {frame['label']}"
    # Paper has one moment, and says of what: a leak's is not the step that has no other behind it.
    told = _defect(run.film) if run.still == still_step(run.film) + 1 else frame["defect"]
    sentence = frame["sentence"] if not told else frame["sentence"].rstrip(".")
    said = html.escape(": ".join(filter(None, (where, sentence, told))))
    return f"""<section class="gm-run" id="run-{number}" aria-labelledby="run-{number}-name">
{head}
<div class="gm-player"></div>
<div class="gm-still">
<p><b>{said}</b></p>
{pictures}
{_legend(frame["roles"])}
</div>
<h3>Every step</h3>
<ol class="gm-steps">
{"".join(_steps(run))}</ol>
</section>"""


def _steps(run: PageRun) -> Iterator[str]:
    contexts = run.film["contexts"]
    for number, frame in enumerate(run.film["frames"], 1):
        link = "/".join(filter(None, (run.state, str(number))))
        words = (frame["actor"], contexts.get(frame["context"], frame["context"]))
        hook = f"hook {frame['hook']}" if frame["hook"] else ""
        where = " · ".join(filter(None, (*words, hook, frame["source"])))
        defect = f" <strong>✖ {html.escape(frame['defect'])}</strong>" if frame["defect"] else ""
        yield (
            f'<li><a href="#{html.escape(link)}"><code>{html.escape(frame["label"])}</code></a> '
            f"{html.escape(frame['sentence'])}{defect} <small>{html.escape(where)}</small></li>\n"
        )


def _legend(roles: Mapping[str, str]) -> str:
    known = [role for role in roles.values() if role in ROLES]
    items = "".join(map(_legend_item, legend(*known)))
    return f'<ul class="gm-legend">{items}</ul>' if items else ""


def _legend_item(entry: Mapping[str, str]) -> str:
    shape = '<polygon points="1,1 25,1 25,15 1,15" fill="none" stroke="currentColor"/>'
    return (
        f'<li><svg class="gm" viewBox="0 0 26 16" aria-hidden="true">'
        f'<g class="node role-{entry["role"]}">{shape}</g></svg> '
        f"{entry['symbol']} {entry['label']}</li>"
    )


def _figure(picture: Mapping[str, str], roles: Mapping[str, str]) -> str:
    svg = ET.fromstring(picture["svg"])
    _bare(svg, roles)
    svg.attrib |= {"role": "img", "aria-label": picture["alt"]}
    words = html.escape(picture["title"])
    drawn = ET.tostring(svg, encoding="unicode").replace("\n", "")
    return f"<figure><figcaption>{words}</figcaption>\n{drawn}</figure>"


# Ids occur once in a page, and a page has several runs; a tooltip's two wrappers are in the way
# of the theme, and Graphviz's own titles say nothing.
def _bare(element: ET.Element, roles: Mapping[str, str]) -> None:
    tip = ""
    children: list[ET.Element] = []
    for child in element:
        is_wrapper = child.get("id", "").startswith("a_") and len(child) == 1
        inner = child[0] if is_wrapper else child
        if inner.tag == f"{{{SVG}}}a":
            tip = inner.get(TIP, "")
            children += list(inner)
        elif child.tag != f"{{{SVG}}}title":
            children.append(child)
    for child in children:
        _bare(child, roles)
        child.tail = None
    if tip:
        children.insert(0, _title(tip))
    element[:] = children
    name = element.attrib.pop("id", "")
    if name:
        element.set("data-id", name)
    if role := roles.get(name):
        element.set("class", f"{element.get('class', '')} role-{role}".strip())


def _title(words: str) -> ET.Element:
    title = ET.Element(f"{{{SVG}}}title")
    title.text = words
    return title
