"""The pictures and tables that a notebook shows: safe where it is not trusted, small, optional."""

import base64
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from IPython.core.formatters import DisplayFormatter

from gmemviz.evidence import Confirmation, conform
from gmemviz.facts import callees, load
from gmemviz.model import Design, check, design_from_choices
from gmemviz.probe import load_report
from gmemviz.record import follow, load_recording
from gmemviz.render import engine, film_of_report, lanes
from gmemviz.shown import Several
from gmemviz.study import (
    State,
    answer,
    compare,
    designs,
    designs_for,
    gallery,
    match,
    replay,
    verdict_text,
)
from gmemviz.widget import play

PICTURE = re.compile(r'<img src="data:image/svg\+xml;base64,([^"]+)" alt="([^"]*)">')
ALLOWED = {"pre", "img", "table", "thead", "tbody", "tr", "th", "td"}


def page(result):
    return result._repr_mimebundle_().get("text/html", "")


def svg(result):
    (found,) = PICTURE.findall(page(result))
    return ET.fromstring(base64.b64decode(found[0]))


def tags(text):
    found = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, _: found.append(tag)
    parser.feed(text)
    return set(found)


def hostile():
    table = {
        "kernel": "7.3", "mount": "own",
        "metadata": {"tree": {"placement": "i_private"}},
        "hooks": {"evict_inode": ["truncate", "clear_inode"]},
    }  # fmt: skip
    return Design.from_table('\x1b</pre><script>alert("1")</script>' + "x" * 999, table)


LEAKY = design_from_choices(
    kernel="7.3", mount="own", placement="i_private", cleanup="none", metadata="resv_map"
)
DRAWN = {
    "report": lambda: check(LEAKY),
    "correct": lambda: check(gallery("guest_memfd-7.3")),
    "undecided": lambda: check(gallery("guest_memfd-7.3"), limit=50),
    "hostile": lambda: check(hostile()),
    "recording": lambda: load_recording("7.3-gmem"),
    "followed": lambda: follow(load_recording("7.3-gmem")),
    "conformity": lambda: conform(load_recording("7.3-gmem")),
    "confirmation": lambda: Confirmation(check(LEAKY), "7.3.4"),
    "replayed": lambda: replay(State.parse("guest_memfd-7.3/last-close/12")),
    "film": lambda: film_of_report(check(LEAKY, keep_moves=True)),
}
TABLES = {
    "comparison": lambda: compare(gallery("guest_memfd-7.3"), gallery("guest_memfd-6.12")),
    "synthesis": lambda: designs_for(["flags"], kernel="7.3", first=3),
    "probe": lambda: load_report("7.3"),
    "matches": lambda: match(load_report("7.3")),
    "calls": lambda: callees(load("7.3"), "evict", depth=3),
    "hostile": lambda: compare(hostile(), LEAKY),
}


@pytest.mark.dot
@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_stands_under_the_text_and_is_small_and_safe(name):
    result = DRAWN[name]()
    assert tags(page(result)) == {"pre", "img"}
    assert svg(result).tag.endswith("svg")
    assert len(page(result)) < 110_000


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_text_in_cells(name):
    shown = page(TABLES[name]())
    assert {"table", "td"} <= tags(shown) <= ALLOWED - {"img"}
    assert "\x1b" not in shown or name != "hostile"


@pytest.mark.dot
def test_a_report_shows_what_play_shows():
    report = check(LEAKY)
    played = play(report)._repr_mimebundle_()[0]["text/html"]
    assert page(report).endswith(played)
    assert "Verdict:    leak" in page(report)


@pytest.mark.dot
def test_an_undecided_search_is_not_made_again(monkeypatch):
    report = check(gallery("guest_memfd-7.3"), limit=50)
    assert not report.is_complete
    monkeypatch.setattr("gmemviz.render.shown.with_moves", None)
    assert page(report)


def test_what_has_no_run_has_no_picture():
    inapplicable = design_from_choices(
        kernel="7.3", mount="own", placement="i_private-flags", cleanup="none", metadata="resv_map"
    )
    nothing = check(gallery("guest_memfd-7.3"), limit=2)
    for report in (check(inapplicable), nothing):
        assert report.whole is None
        assert list(report._repr_mimebundle_()) == ["text/plain"]
    assert not page(load_recording("7.3-kvm-unload"))  # 611 events
    assert not page(compare(LEAKY, LEAKY))


@pytest.mark.parametrize("name", [*DRAWN, "drawing"])
def test_without_an_engine_there_is_still_the_text(name, monkeypatch):
    monkeypatch.setenv("GMEMVIZ_DOT", "/no/such/program")
    result = lanes(load_recording("7.3-pipe").events) if name == "drawing" else DRAWN[name]()
    engine.svg.cache_clear()
    shown = result._repr_mimebundle_()
    assert list(shown) == ["text/plain"]
    assert len(shown["text/plain"]) > 20


@pytest.mark.dot
def test_ipython_takes_the_text_and_the_picture():
    report = check(LEAKY)
    data, _ = DisplayFormatter().format(report)
    assert data["text/plain"] == verdict_text(report).rstrip("\n")
    assert "<img" in data["text/html"]
    data, _ = DisplayFormatter().format([report, report])
    assert data == {"text/plain": f"[{report!r},\n {report!r}]"}


@pytest.mark.parametrize(
    ("result", "line"),
    [
        (verdict_text(check(LEAKY)), "Verdict:    leak"),
        (designs(), "secretmem-7.3"),
        (answer(check(LEAKY)), "mount: own"),
        (match(load_report("7.3"))[0], "agrees: mount: own; "),
        (designs_for(["flags"], kernel="7.3", first=1).correct[0], "<Candidate flags in "),
    ],
)
def test_ipython_takes_the_text_of_what_is_a_tuple_or_a_text(result, line):
    data, _ = DisplayFormatter().format(result)
    assert data["text/plain"] == result._repr_mimebundle_()["text/plain"]
    assert any(one.startswith(line) for one in data["text/plain"].split("\n"))
    inside, _ = DisplayFormatter().format([result])
    assert inside["text/plain"] == f"[{result!r}]"


@pytest.mark.parametrize("found", [Several(), Several(["a" * 99]), Several([1, 2])])
def test_a_list_without_columns_is_told_and_no_empty_table(found):
    assert page(found) == ""
    assert found._repr_mimebundle_()["text/plain"]
