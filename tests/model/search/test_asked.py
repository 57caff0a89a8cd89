"""What was not asked is said, with what would ask it, and is never called correct."""

import pytest

from gmemviz.model import SCENARIOS, check
from gmemviz.model.scenarios import of_design
from gmemviz.model.search.asked import not_asked
from tests.model.search.designs import READ_IN_TIME, READ_LATE, made

NEVER = READ_IN_TIME.replace('holds = "rcu"', 'holds = "nothing", from = "umount"').replace(
    'mount = "own"', 'mount = "anon-inode"'
)


def test_an_actor_that_every_run_may_enter_is_asked():
    report = check(made(READ_IN_TIME))
    assert (report.verdict, report.not_asked) == ("correct", ())


def test_an_actor_that_no_run_enters_is_named_with_what_would_ask_it():
    report = check(made(NEVER))
    assert report.verdict != "correct"
    assert report.not_asked[-1] == (
        "no run enters actor permission: it holds nothing, and begins once the superblock is dead "
        '(mount = "own" would ask it)'
    )


def test_a_named_scenario_says_nothing_of_an_actor_that_is_not_in_it():
    design = made(READ_LATE)
    report = check(design, scenarios=[SCENARIOS["last-close"]])
    assert (report.verdict, report.defects) == ("not-asked", ())
    (said,) = report.not_asked
    assert said.startswith("no run enters actor permission: scenario 'actor permission' would")
    assert (
        report.why == "No defect was found, but not all of it was come to (1 scenario, 29 states)."
    )
    assert "not asked" in repr(report)
    asked = check(design, scenarios=of_design(design))
    assert asked.verdict == "defects"


def test_a_named_scenario_is_a_verdict_of_its_own_where_nobody_is_declared():
    text = READ_IN_TIME.partition("actors.")[0]
    report = check(made(text), scenarios=[SCENARIOS["last-close"]])
    assert (report.verdict, report.is_whole) == ("correct", False)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"hooks.evict_inode": '["truncate", "clear_inode", "if symlink: free blob"]'},
         'get to: if symlink: free blob (kinds = ["symlink"] would ask it)'),
        ({"metadata.tree": '{ placement = "i_private", read_by = ["truncation"] }',
          "hooks.evict_inode": '["truncate", "clear_inode", "free tree"]', "filled": "false"},
         "in no run does truncation read tree (filled = true would ask it)"),
        ({"metadata.tree": '{ placement = "i_private", read_by = ["last folio_put"] }',
          "hooks.evict_inode": '["truncate", "clear_inode", "free tree"]', "filled": "false"},
         "scenario pinned-folio is vacuous: never reached"),
    ],
)  # fmt: skip
def test_a_line_or_a_reader_that_no_run_comes_to_is_named(changes, said):
    report = check(made(READ_IN_TIME, **changes))
    assert [words for words in report.not_asked if said in words], report.not_asked
    assert report.verdict != "correct"


def test_of_a_hook_that_was_never_called_it_is_said_what_would_call_it():
    more = {"hooks.free_folio": '["sleep"]', "hooks.put_super": '["sleep"]', "filled": "false"}
    design = made(NEVER, **more)
    said = tuple(not_asked(design, (), (), is_whole=True))
    assert "in no run does free_folio get to: sleep (filled = true would ask it)" in said
    assert 'in no run does put_super get to: sleep (mount = "own" would ask it)' in said
    assert "in no run does free_inode get to: free struct" in said
    assert len(tuple(not_asked(design, (), ("free_folio",), is_whole=True))) == len(said) - 1


def test_a_reader_to_which_no_way_leads_is_no_correct_design():
    text = READ_IN_TIME.partition("actors.")[0]
    kept = '{ placement = "file-private_data", read_by = ["lockless reader"] }'
    more = {"metadata.tree": kept, "hooks.release": '["free tree"]'}
    report = check(made(text, **more))
    assert report.verdict != "correct"


def test_nothing_is_said_of_what_does_not_compile_or_was_cut_short():
    text = READ_IN_TIME.replace("6.12", "7.3")
    kept = '{ placement = "i_private_data" }'
    gone = check(made(text, **{"metadata.tree": kept}))
    assert (gone.verdict, gone.not_asked) == ("defects", ())
    short = check(made(READ_IN_TIME), limit=20)
    assert (short.verdict, short.not_asked) == ("undecided", ())
