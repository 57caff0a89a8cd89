"""What a synthesis found, as text, as data and as a table."""

import json

from gmemviz import check
from gmemviz.model.search import most


def test_each_kind_and_hook_that_is_wrong_has_its_reason(merged):
    told = {
        (pick.kind.name, pick.placement.name, pick.freed_in): one.code
        for one in merged.failed
        for pick in one.choice.picks[:1]
        if len(one.choice.picks) == 1
    }
    assert told["shared_policy", "containing-struct", "free_inode"] == "lock-context"
    assert told["shared_policy", "containing-struct", "release"] == "leak"
    assert told["flags", "i_private-flags", "drop_inode"] == "wrong-branch"
    assert told["flags", "containing-struct", "evict_inode before truncation"] == "wrong-branch"
    assert told["flags", "i_private_data", ""] == "no-such-field"
    assert told["shared_policy", "i_private-flags", ""] == ""


def test_text_fits_a_mail(merged, proposed):
    for found in (merged, proposed):
        lines = found.text.splitlines()
        assert max(map(len, lines)) <= 72
        assert f"    and {len(found.correct) - 10} that cost more" in lines
        assert str(found) == found.text
    assert "lock-context: shared_policy in i_private, containing-struct, freed in" in merged.text


def test_data_and_table_say_the_same(proposed):
    said = proposed.answer()
    assert json.loads(json.dumps(said)) == said
    table = proposed.frame()
    assert len(table) == len(said["correct"]) + len(said["failed"])
    assert list(table["rank"].dropna()) == list(range(1, 138))
    assert table["does"][35].startswith("evict_inode: truncate; clear_inode; free f")


def test_what_is_correct_is_said_within_bounds(merged):
    """The bounds are the most that the checks of the Designs found had."""
    each = [check(found.design).bounds for found in merged.correct[:3]]
    for bounds in each:
        assert most([bounds, merged.bounds]) == merged.bounds
    assert merged.bounds.inodes >= 1
    assert f"At most {merged.bounds}." in " ".join(merged.text.split())
    assert merged.answer()["bounds"]["inodes"] == merged.bounds.inodes
