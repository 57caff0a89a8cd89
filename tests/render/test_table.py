"""Tables of words: what stands in a cell is text, and what a kernel answered beside the expected."""

from types import SimpleNamespace

import pytest

from gmemviz.render.table import probed_table, table


def test_the_first_column_names_its_rows():
    assert table(["a", "b"], [["x", 1]]) == (
        '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        '<tbody><tr><th scope="row">x</th><td>1</td></tr></tbody></table>'
    )


def test_hostile_words_stay_text():
    shown = table(["<b>"], [["</td><script>", "\x1b[31m"]])
    assert "<script" not in shown
    assert "<b>" not in shown
    assert "\x1b" not in shown


def answer(agrees, **more):
    said = {"call": "KVM_CREATE_VM", "got": "3", "expected": ("3", "EPERM"), "agrees": agrees,
            "source": "kvm_main.c", "note": ""}  # fmt: skip
    return SimpleNamespace(**(said | more))


@pytest.mark.parametrize(
    ("agrees", "words"), [(True, "3 or EPERM ✓"), (False, "3 or EPERM ⚠ differs")]
)
def test_an_answer_stands_beside_the_one_expected(agrees, words):
    assert f"<td>3</td><td>{words}</td><td>kvm_main.c</td>" in probed_table([answer(agrees)])


def test_what_was_not_asked_says_so_and_a_note_stands_behind_the_source():
    shown = probed_table([answer(None, got="", note="no guest_memfd")])
    assert "<td>not asked</td>" in shown
    assert "<td>kvm_main.c · no guest_memfd</td>" in shown


def test_without_rows_a_sentence_stands_alone():
    assert probed_table([]) == "<p>Nothing differs from what was expected.</p>"
