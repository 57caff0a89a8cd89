"""The Design as C next to its verdict: which text, and what the last toggle did to it."""

import html
import re

import pytest

from gmemviz.model import design_from_choices
from gmemviz.translate import module_source
from gmemviz.widget import Explorer, code
from gmemviz.widget.code import StateCode, code_html

CHOICES = {
    "kernel": "7.3", "mount": "own", "placement": "i_private", "cleanup": "none",
    "metadata": "resv_map",
}  # fmt: skip


def design(**choices):
    return design_from_choices(**{**CHOICES, **choices})


@pytest.fixture
def shown():
    shown = StateCode()
    yield shown
    shown.close()


def applied(before, after, changes):
    """Do to the lines what `changes` says; the new ones are where they stand in `after`."""
    lines, old, done = [], before.splitlines(), 0
    for at, new, gone in changes:
        same = at - len(lines)
        lines += old[done : done + same]
        lines += after.splitlines()[at : at + new]
        done += same + gone
    return lines + old[done:]


def test_it_is_what_module_source_writes(shown):
    shown.show(design())
    assert shown.text == module_source(design())
    assert (shown.changes, shown.why) == ([], "")


@pytest.mark.parametrize(
    "choice",
    [{"cleanup": "destroy+free"}, {"metadata": "flags", "placement": "i_private-flags"},
     {"mount": "static-superblock"}, {"kernel": "6.12"}],
)  # fmt: skip
def test_the_changes_lead_from_one_text_to_the_other(shown, choice):
    one, other = design(), design(**choice)
    for before, after in ((one, other), (other, one)):
        shown.show(before)
        shown.show(after)
        assert shown.changes
        assert applied(module_source(before), shown.text, shown.changes) == shown.text.splitlines()


def test_a_smaller_change_marks_fewer_lines(shown):
    def count(**choices):
        shown.show(design())
        shown.show(design(**choices))
        return sum(new + gone for _, new, gone in shown.changes)

    assert count() == 0
    assert 0 < count(kernel="6.12") < count(cleanup="free-all") < count(placement="global-xarray")


def test_where_there_is_no_c_it_says_why(shown, monkeypatch):
    shown.show(design())
    monkeypatch.setattr(code, "cannot_write", lambda _: "no <b> can be attached")
    shown.show(design())
    assert (shown.text, shown.changes) == ("", [])
    assert shown.why == "There is no C of this Design: no <b> can be attached."
    assert "no &lt;b&gt; can" in code_html(design())
    monkeypatch.undo()
    shown.show(design(cleanup="free-all"))
    assert (shown.text, shown.changes, shown.why) == (
        module_source(design(cleanup="free-all")), [], "",
    )  # fmt: skip


def test_every_toggle_of_the_explorer_changes_it():
    explorer, texts = Explorer(**CHOICES), []
    choices = {
        "metadata": "shared_policy", "cleanup": "free-all", "placement": "i_private_data",
        "mount": "anon-inode", "kernel": "6.12",
    }  # fmt: skip
    for name, value in choices.items():
        explorer._rows[name]._buttons[value].value = True
        texts.append(explorer._code.text)
        assert texts[-1] == module_source(explorer.design)
    assert len(set(texts)) == len(choices)
    bundle, _ = explorer._repr_mimebundle_()
    kept = re.fullmatch(r".*<pre>(.*)</pre></details>", bundle["text/html"], re.DOTALL)
    assert html.unescape(kept[1]) == texts[-1]
    assert "<linux/fs.h>" not in bundle["text/html"]
    explorer.close()
    assert explorer._code.comm is None
