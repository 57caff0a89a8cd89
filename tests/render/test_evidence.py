"""Calls in the colour of who says them: recorded, in the source, both, or over others."""

import os
import subprocess
import sys
from itertools import pairwise

import pytest

from gmemviz.errors import UnknownNameError
from gmemviz.evidence import edges_seen
from gmemviz.facts import callees, load
from gmemviz.record import follow, load_recording
from gmemviz.render import draw_evidence
from gmemviz.render.calls import edge_id, node_id
from gmemviz.render.roads import LIMIT
from gmemviz.render.theme import EVIDENCE, ROLES, css, edge_style

SHIPPED = [("7.3-gmem", "guest_memfd"), ("7.3-hugetlb", "hugetlbfs"), ("6.12-pipe", "pipefs")]


def drawn(name, filesystem, **options):
    facts = load(name.partition("-")[0])
    trace = follow(load_recording(name), facts=facts)
    return (
        facts,
        edges_seen(trace),
        draw_evidence(facts, trace, filesystems=[filesystem], **options),
    )


@pytest.fixture(scope="module")
def gmem():
    return drawn("7.3-gmem", "guest_memfd")


def said(drawing):
    lines = (line.partition(": ") for line in drawing.alt.splitlines())
    return {tuple(pair.split(" -> ")): words for pair, _, words in lines}


@pytest.mark.parametrize("start", ["iput", "__fput"])
@pytest.mark.parametrize(("name", "filesystem"), SHIPPED)
def test_each_colour_is_what_facts_and_recording_say(name, filesystem, start):
    facts, seen, drawing = drawn(name, filesystem, start=start)
    nodes = [node for node in drawing.nodes if node.id.startswith("calls__")]
    assert 15 < len(nodes) <= LIMIT
    there = {node.label.partition("\n")[0] for node in nodes}
    assert {(a, b) for a, b in seen if {a, b} <= there and a != b} <= said(drawing).keys()
    counts = dict.fromkeys(EVIDENCE, 0)
    for (caller, callee), words in said(drawing).items():
        role = drawing.roles[edge_id(caller, callee)]
        counts[role] += 1
        known = facts.has_function(caller) and callee in {
            call.callee for call in callees(facts, caller, noise=True)
        }
        deferred = "grace period" in words
        assert (
            role
            == {
                (True, True): "seen",
                (True, False): "between",
                (False, True): "between" if deferred else "in-source",
            }[(caller, callee) in seen, known]
        )
    assert counts["seen"] >= 10
    assert counts["between"] >= 3
    assert counts["in-source"] >= 5


def test_a_call_over_others_names_a_way_that_the_source_has(gmem):
    facts, seen, drawing = gmem
    names = {name for pair in seen for name in pair}
    ways = {
        pair: words.partition("one way in the source: ")[2].rstrip(")").split(", ")
        for pair, words in said(drawing).items()
        if "one way" in words
    }
    assert ways["iput", "evict"] == ["iput_final"]
    assert ways["destroy_inode", "i_callback"] == ["call_rcu", "grace period"]
    for (caller, callee), way in ways.items():
        if "grace period" not in way:
            chain = [caller, *way, callee]
            for one, two in pairwise(chain):
                assert two in {call.callee for call in callees(facts, one, noise=True)}
            assert names.isdisjoint(way)


def test_no_way_leads_over_what_was_recorded(gmem):
    facts, seen, _ = gmem
    drawing = draw_evidence(facts, seen | {("iput", "iput_final")}, filesystems=["guest_memfd"])
    assert "iput_final" not in said(drawing)["iput", "evict"]


def test_a_callback_is_seen_where_it_ran_and_who_queued_it(gmem):
    facts, seen, _ = gmem
    whole = draw_evidence(facts, seen)
    assert whole.roles[edge_id("i_callback", "kvm_gmem_free_inode")] == "seen"
    deferred = edge_id("destroy_inode", "i_callback")
    assert whole.roles[deferred] == "between"
    fewer = draw_evidence(facts, seen - {("destroy_inode", "call_rcu")})
    assert fewer.roles[deferred] == "in-source"


def test_a_big_recording_leaves_room_for_the_source(gmem):
    facts, seen, _ = gmem
    many = seen | {("iput", f"made_{number}") for number in range(80)}
    drawing = draw_evidence(facts, many, filesystems=["guest_memfd"])
    assert len([node for node in drawing.nodes if node.id.startswith("calls__")]) == LIMIT
    assert node_id("iput_final") in {node.id for node in drawing.nodes}


def test_a_dropped_edge_is_only_in_the_source(gmem):
    facts, seen, whole = gmem
    pair = "evict", "destroy_inode"
    fewer = draw_evidence(facts, seen - {pair}, filesystems=["guest_memfd"])
    assert whole.roles[edge_id(*pair)] == "seen"
    assert fewer.roles.get(edge_id(*pair), "in-source") == "in-source"
    pair = "security_inode_free", "call_rcu"
    fewer = draw_evidence(facts, seen - {pair}, filesystems=["guest_memfd"])
    assert (whole.roles[edge_id(*pair)], fewer.roles[edge_id(*pair)]) == ("seen", "in-source")


def test_a_call_that_the_source_does_not_have_is_not_explained_away(gmem):
    facts, seen, _ = gmem
    pairs = {("evict", "nowhere_in_the_kernel"), ("clear_inode", "sync_lazytime")}
    drawing = draw_evidence(facts, seen | pairs, filesystems=["guest_memfd"])
    for pair in pairs:
        assert drawing.roles[edge_id(*pair)] == "unknown"
        assert said(drawing)[pair] == "only in the recording"
    assert drawing.roles[node_id("nowhere_in_the_kernel")] == "unknown"
    assert drawing.roles[node_id("clear_inode")] == "seen"


def test_a_part_of_a_function_is_no_call_of_itself():
    _, seen, drawing = drawn("7.3-gmem", "guest_memfd", start="__fput")
    assert ("dput", "dput") in seen
    assert ("dput", "dput") not in said(drawing)


def test_the_key_wears_the_lines_and_counts_them(gmem):
    _, _, drawing = gmem
    words = list(said(drawing).values())
    nodes = {node.id: node.label for node in drawing.nodes}
    for number, role in enumerate(EVIDENCE):
        count = sum(one.startswith(ROLES[role].label) for one in words)
        assert nodes[f"evidence_to_{number}"] == f"{count} {ROLES[role].label}"
        assert drawing.roles[f"evidence_line_{number}"] == role


def test_the_picture_reads_in_grey():
    lines = [edge_style("direct", role) for role in EVIDENCE]
    assert len({(line["style"], line["penwidth"]) for line in lines}) == len(EVIDENCE)
    assert edge_style("default", "seen")["style"] == "solid"
    assert edge_style("direct", "in-source")["style"] == "dotted"
    assert edge_style("direct", "added")["style"] == "solid"  # other roles leave the line alone
    assert edge_style("ops", "seen")["arrowhead"] == "diamond"  # the arrow still tells the kind
    for role in EVIDENCE:
        dash = ROLES[role].dash or "none"
        assert f".edge.role-{role} > path {{ stroke-dasharray: {dash} }}" in css()


def luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(weight * p for weight, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("role", [*EVIDENCE, "differs"])
def test_lines_and_words_have_contrast(role):
    assert contrast(ROLES[role].stroke, "#ffffff") >= 4.5
    assert contrast(ROLES[role].fill, "#111111") >= 4.5
    line = css().partition(f".edge.role-{role} > path {{ stroke: ")[2][:7]
    if role in EVIDENCE:
        assert min(contrast(line, "#ffffff"), contrast(line, "#111111")) >= 3


SCRIPT = """
from gmemviz.facts import load
from gmemviz.record import follow, load_recording
from gmemviz.render import draw_evidence
facts = load("7.3")
print(draw_evidence(facts, follow(load_recording("7.3-gmem"), facts=facts)).dot)
"""


def test_the_same_call_gives_the_same_picture(gmem):
    dots = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT], env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, check=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(dots) == 1
    facts, seen, drawing = gmem
    again = draw_evidence(facts, sorted(seen, reverse=True), filesystems=["guest_memfd"])
    assert again.roles == drawing.roles
    assert again.dot == drawing.dot


def test_an_unknown_start_is_refused(gmem):
    with pytest.raises(UnknownNameError, match="no function 'iputt'"):
        draw_evidence(gmem[0], gmem[1], start="iputt")


def test_it_plays_and_says_both_origins(gmem):
    from gmemviz.widget import play

    facts, seen, _ = gmem
    drawing = draw_evidence(facts, seen | {("evict", "a<b>&\"c'")})
    player = play(drawing)
    assert player.film["origin"] == "extracted and recorded"
    assert "a&lt;b&gt;&amp;" in drawing.svg
    assert len(drawing.svg) < 100_000
