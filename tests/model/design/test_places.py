"""Where actions come from: read, refused, and shown by the steps of a run."""

import pytest

from gmemviz.errors import DesignError, UnknownNameError
from gmemviz.model import Design, check
from gmemviz.model.design import spelled
from gmemviz.study import answer, mail

PAGE = """
kernel = "7.3"
mount = "own"
metadata.blob = { placement = "containing-struct", release = "sleeping lock" }
constructor = ["init blob"]
[hooks.alloc_inode]
does = ["alloc container", "init blob"]
at = ["fs/toy/super.c:7", ""]
[hooks.free_inode]
does = ["free blob via toy_put", "free struct"]
at = ["fs/toy/super.c:40 -> fs/toy/util.c:9", "fs/toy/super.c:41"]
"""


def test_a_chain_is_read_and_spelled():
    design = Design.from_text(PAGE)
    chain = design.chain("free_inode: free blob via toy_put")
    assert [(place.path, place.line) for place in chain] == [
        ("fs/toy/super.c", 40), ("fs/toy/util.c", 9),
    ]  # fmt: skip
    assert spelled(chain) == "fs/toy/super.c:40 -> fs/toy/util.c:9"
    assert design.chain("alloc_inode: init blob") == ()
    assert design == Design.from_text(PAGE.replace(":40", ":50"))


def test_steps_of_a_run_point_at_the_statement():
    report = check(Design.from_text(PAGE))
    assert "sleep-in-softirq" in report.defects
    assert "[fs/toy/super.c:40 -> fs/toy/util.c:9]" in " ".join(mail(report).split())
    sources = {step["source"] for step in answer(report)["counterexample"]}
    assert "fs/toy/util.c:9" in sources
    bare = "\n".join(line for line in PAGE.splitlines() if not line.startswith("at"))
    assert check(Design.from_text(bare)).defects == report.defects


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('at = ["fs/toy/super.c:7", ""]', 'at = ["fs/toy/super.c:7"]',
         "alloc_inode has 2 actions and 1 places"),
        ('at = ["fs/toy/super.c:7", ""]', 'at = ["fs/toy/super.c", ""]',
         "hooks.alloc_inode.at: 'fs/toy/super.c' is no place"),
        ('at = ["fs/toy/super.c:7", ""]', 'at = [7, ""]', "must have texts"),
        ('at = ["fs/toy/super.c:7", ""]', 'at = "fs/toy/super.c:7"', "must be a list of places"),
        ("[hooks.alloc", "at = 3\n[hooks.alloc", "at must be a table, not 3"),
    ],
)  # fmt: skip
def test_what_is_no_place_is_refused(old, new, said):
    with pytest.raises(DesignError, match="line ") as refused:
        Design.from_text(PAGE.replace(old, new))
    assert said in f"{refused.value}"


def test_a_body_without_a_table_has_its_places_in_one():
    loose = PAGE.replace(
        "[hooks.alloc", 'at = { constructor = ["fs/toy/super.c:3"] }\n[hooks.alloc'
    )
    assert spelled(Design.from_text(loose).chain("constructor: init blob")) == "fs/toy/super.c:3"
    with pytest.raises(UnknownNameError, match="did you mean constructor"):
        Design.from_text(loose.replace('constructor = ["fs', 'constructr = ["fs'))
