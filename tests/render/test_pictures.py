"""Pictures: golden DOT, ids that survive into SVG, hostile names that stay text."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from gmemviz.facts import load
from gmemviz.model import check, design_from_choices
from gmemviz.record import follow, load_recording
from gmemviz.render import film_of_recording, film_of_report
from gmemviz.render.drawing import Drawing, Node, element_id
from gmemviz.study import gallery

PLAIN = re.compile(r"[A-Za-z0-9_]+")


def film(design):
    return film_of_report(check(design, keep_moves=True))


@pytest.fixture(scope="module")
def merged():
    return film(gallery("guest_memfd-7.3"))


@pytest.fixture(scope="module")
def broken():
    return film(
        design_from_choices(
            kernel="6.12", mount="own", placement="i_private", cleanup="evict-before-truncate",
            metadata="shareability-tree",
        )
    )  # fmt: skip


@pytest.mark.parametrize("picture", ["calls", "states", "memory", "lanes"])
def test_golden_dot(golden, merged, broken, picture):
    golden(f"merged-{picture}.dot", merged.still(picture, 1).dot)
    golden(f"broken-{picture}.dot", broken.still(picture).dot)


def test_golden_words(golden, merged, broken):
    golden("merged.txt", merged.text + "\n")
    golden("broken.txt", broken.text + "\n")


def test_every_element_that_a_frame_names_is_in_the_svg(merged, broken):
    for shown in (merged, broken):
        ids = [name for d in shown.drawings for name in re.findall(r' id="([^"]+)"', d.svg)]
        assert len(ids) == len(set(ids))
        assert all(map(PLAIN.fullmatch, ids))
        named = {name for frame in shown.frames for name in frame["roles"]}
        missing = named - set(ids)
        # What happens outside the picture of the teardown has no node there.
        assert all(name.startswith(("calls_", "mem_")) for name in missing), missing
        assert len(named - missing) > 60


def test_a_frame_is_complete_in_itself(merged):
    for number, frame in enumerate(merged.frames):
        now = [
            name
            for name, role in frame["roles"].items()
            if name.startswith("lane_") and role == "now"
        ]
        assert now == [f"lane__{number}"]
    assert merged.frames[-1]["roles"]["mem__shared_policy"] == "freed"
    assert merged.frames[-1]["roles"]["mem__inode"] == "freed"


def test_parts_of_a_freed_struct_are_freed_and_no_false_alarm_rings(merged):
    last = merged.frames[-1]["roles"]
    assert last["mem__head_of_shared_policy"] == last["mem__head_of_flags"] == "freed"
    assert "dangling" not in last.values()
    assert "defect" not in last.values()


def test_each_call_rcu_is_a_node_of_its_own():
    real = film_of_recording(follow(load_recording("7.3-gmem")), facts=load("7.3"))
    calls = real.drawings[0]
    queues = [node.id for node in calls.nodes if node.label == "call_rcu"]
    assert len(queues) == 3
    deferred = [edge for edge in calls.edges if edge.kind == "deferred"]
    assert [(edge.tail, edge.head) for edge in deferred] == [
        ("calls__call_rcu_of_destroy_inode", "calls__i_callback")
    ]


def test_the_last_frame_shows_the_defect(broken):
    last = broken.frames[-1]
    assert last["defect"] == "use-after-free"
    assert last["roles"]["mem__shareability_tree"] == "defect"
    assert last["roles"]["state__use_after_free"] == "defect"
    assert broken.frames[-2]["roles"]["mem__shareability_tree"] == "freed"


def test_a_leak_is_shown_as_one():
    leaky = film(
        design_from_choices(
            kernel="7.3", mount="own", placement="i_private", cleanup="none", metadata="rcu-blob"
        )
    )
    assert leaky.frames[-1]["roles"]["mem__rcu_blob"] == "leaked"
    assert leaky.frames[-1]["defect"] == "leak"


def test_a_hook_that_no_run_enters_is_drawn_so():
    unreachable = film(
        design_from_choices(
            kernel="6.12", mount="anon-inode", placement="i_private",
            cleanup="evict-after-truncate", metadata="resv_map",
        )
    )  # fmt: skip
    calls = unreachable.drawings[0]
    idle = [node for node in calls.nodes if node.look == "idle"]
    assert [node.label for node in idle] == ["evict_inode\nset, and no run can enter it"]


def test_hostile_names_stay_text(tmp_path):
    name = '<script>alert(1)</script>"]; evil [label="\\N\n&amp;'
    drawing = Drawing("x", "x", "x", (Node(element_id(name), name, tooltip=name),))
    root = ET.fromstring(drawing.svg)
    words = "".join(root.itertext())
    assert "<script>alert(1)</script>" in words
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    assert len([e for e in root.iter() if e.get("class", "").startswith("node")]) == 1


def test_a_drawing_says_itself_without_a_browser(merged):
    bundle = merged.drawings[0]._repr_mimebundle_()
    assert bundle["text/html"].startswith('<img alt="')
    assert "destroy_inode -> kvm_gmem_destroy_inode as destroy_inode" in bundle["text/plain"]


def test_dressing_keeps_the_layout(merged):
    calls = merged.drawings[0]
    dressed = calls.dressed({"calls__evict": "now"})
    assert dressed.dot != calls.dot
    assert replace(dressed, roles={}) == calls
