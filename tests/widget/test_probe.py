"""The view of a report: what differs leads, every text stays text."""

from gmemviz import ProbeView
from gmemviz.facts.probed import Observation, ProbeReport

EVIL = "<script>alert(1)</script>"
ROWS = (
    Observation("identity", "mount", "the mount", "own", ("own",), "somewhere"),
    Observation("create", "size 0", EVIL, "0", ("EINVAL",), "kvm_gmem_create"),
    Observation("create", "flags", "a flag", "", (), "", "not asked: an old kernel"),
)
REPORT = ProbeReport(f"7.3{EVIL}", "x86_64", "probed", ROWS, ("Something is missing.",))


def text(view):
    return "".join(getattr(child, "value", "") or "" for child in view.children)


def test_it_opens_on_what_the_file_is():
    view = ProbeView(REPORT)
    assert view.group == "identity"
    assert "the mount" in text(view)
    assert "a flag" not in text(view)


def test_groups_and_what_differs():
    view = ProbeView(REPORT)
    view.group = "create"
    assert "a flag" in text(view)
    assert "not asked" in text(view)
    view.group = ""
    assert "⚠ differs" in text(view)
    assert "a flag" not in text(view)


def test_names_are_escaped():
    view = ProbeView(REPORT)
    view.group = "create"
    assert "<script>" not in text(view)
    assert "<script>" not in view._repr_mimebundle_()[0]["text/html"]


def test_where_no_widget_runs_it_stands_as_it_opens_with_all_that_differs():
    data, _ = ProbeView(REPORT)._repr_mimebundle_()
    assert "the mount" in data["text/html"]
    assert "⚠ differs" in data["text/html"]
    assert "a flag" not in data["text/html"]
    assert "1 of 2 answers" in data["text/plain"]
    assert "Something is missing." in data["text/plain"]


def test_without_a_guest_memfd_it_says_why_once():
    lone = ProbeReport("5.4", "x86_64", "probed", (), ("There is no /dev/kvm here.",))
    assert text(ProbeView(lone)).count("There is no /dev/kvm here.") == 1


def test_closing_closes_what_is_inside():
    view = ProbeView(REPORT)
    inner = list(view.children)
    view.close()
    assert all(child.comm is None for child in inner)
