"""The five choices: each has its words, each word what it means, and the start is a Design."""

from gmemviz.facts import kernels
from gmemviz.model import check, design_from_choices
from gmemviz.study import CHOICES
from gmemviz.widget.choices import SAYS, START, allowed


def test_the_choices_are_those_of_a_state_in_its_order():
    assert list(START) == list(allowed()) == list(SAYS) == list(CHOICES)
    assert allowed()["kernel"] == kernels()


def test_every_word_but_a_kernel_has_its_meaning():
    for name, words in allowed().items():
        assert list(SAYS[name]) == ([] if name == "kernel" else list(words))
        assert all(SAYS[name].values())
    assert SAYS["cleanup"]["none"] == "no hook frees M"
    assert SAYS["cleanup"]["free-all"].startswith("free_inode: free M")


def test_one_starts_with_a_correct_design():
    assert all(START[name] in words for name, words in allowed().items())
    assert check(design_from_choices(**START)).defects == ()
