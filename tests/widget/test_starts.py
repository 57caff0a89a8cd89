"""What a Stage starts from: every start of its menu makes something, and nothing is over-said."""

import pytest

from gmemviz.derive import derive, judge_derived, shipped_tables
from gmemviz.errors import GmemvizError, UnknownNameError
from gmemviz.facts import snapshots
from gmemviz.widget.starts import begin, groups, of_source, said_of


def found(kernel, name):
    (group,) = (each for each in groups() if each.label == f"filesystems of {kernel}, as read")
    return next(word for word, text in group.starts if text == name)


def source(kernel, name):
    return of_source(judge_derived(derive(shipped_tables(kernel, name)[0])))


def test_the_menu_has_every_start_once():
    labels = [group.label for group in groups()]
    assert labels[:2] == ["choices", "gallery"]
    assert labels[-1] == "your own"
    assert len(labels) == 3 + len(snapshots())
    words = [word for group in groups() for word, _ in group.starts]
    assert len(words) == len(set(words))
    for group in groups():
        texts = [text for _, text in group.starts]
        assert len(texts) == len(set(texts)) or group.label.startswith("filesystems")


def test_a_tree_is_offered_where_one_is_named(monkeypatch, tmp_path):
    monkeypatch.delenv("GMEMVIZ_TREE", raising=False)
    assert [word for word, _ in groups()[-1].starts] == ["toml"]
    with pytest.raises(GmemvizError, match="GMEMVIZ_TREE names no kernel tree"):
        begin("tree", "ext4")
    monkeypatch.setenv("GMEMVIZ_TREE", str(tmp_path))
    assert [word for word, _ in groups()[-1].starts] == ["toml", "tree"]
    with pytest.raises(GmemvizError, match="name a filesystem of your tree"):
        begin("tree", " ")


def test_a_filesystem_is_the_one_that_was_chosen():
    assert begin(found("7.3", "bpf")).report.design.title == "bpf"
    dotl = begin(found("7.3", "9p v9fs_super_ops_dotl"))
    functions = dict(dotl.report.design.functions)
    assert functions["evict_inode"] == "v9fs_evict_inode"


def test_what_is_correct_and_read_whole_says_so():
    begun = source("7.3", "tmpfs")
    assert begun.said is None
    assert begun.report.verdict == "correct"


def test_what_the_source_allows_is_said_as_read():
    begun = source("6.12", "configfs")
    assert begun.said.mark == "wrong"
    assert begun.said.code == "use-after-free"
    assert begun.said.sentence.endswith("(as the source was read)")


def test_what_was_read_in_part_is_not_called_correct():
    begun = source("6.12", "affs")
    assert begun.said.mark == "unknown"
    assert begun.said.sentence.startswith("Correct as far as read, ")
    assert begun.said.short == "as read"
    assert begun.has_run


def test_what_is_undecided_shows_no_defect():
    begun = source("7.3", "nfs")
    assert begun.said.mark == "unknown"
    assert begun.said.sentence.startswith("Undecided: double-free on 2 of 2 ways")
    assert not begun.has_run


@pytest.mark.parametrize(
    "word", ["", "file /etc/passwd", "choices", "gallery nobody", "filesystem 7.3 x"]
)
def test_what_is_no_start_is_refused(word):
    with pytest.raises(UnknownNameError):
        begin(word)


def test_a_long_text_is_refused():
    with pytest.raises(GmemvizError, match="a Design may have"):
        begin("toml", "x" * 2_000_000)


def test_what_a_design_says_stands_under_its_headings():
    said = dict(said_of(begin("gallery guest_memfd-7.3").report.design))
    assert said["metadata"] == ["flags in containing-struct", "shared_policy in containing-struct"]
    assert "destroy_inode: kvm_gmem_destroy_inode" in said["hooks"]
