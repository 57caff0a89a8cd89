"""Inodes with names: unlink, a want of memory and umount, each by its kernel's functions."""

import pytest

from gmemviz import Design
from gmemviz.errors import DesignError
from gmemviz.facts import kernels, load
from gmemviz.model import SCENARIOS, check
from gmemviz.model.machine import Enter
from gmemviz.model.scenarios import by_default
from gmemviz.model.scenarios.named import OF_NAMES, is_asked, may_be_reclaimed
from gmemviz.model.search.world import world_of

TEXT = """
mount = "own"
allocator = "new_inode"
named = true
filled = false
metadata.blob = { placement = "i_private" }
hooks.evict_inode = ["truncate", "clear_inode", "free blob"]
"""
PERSISTENT = "persistent = true\n"
BOTH = pytest.mark.parametrize("more", ["", PERSISTENT], ids=["on disk", "persistent"])
EACH = pytest.mark.parametrize("kernel", kernels())


def made(kernel="7.3", more="", text=TEXT):
    return Design.from_text(f'kernel = "{kernel}"\n{more}{text}')


def asked(design, name):
    """Return the callers and functions of all that some run does, none of which is a defect."""
    report = check(design, scenarios=[SCENARIOS[name]], keep_moves=True)
    assert report.defects == (), report.why
    assert all(report.witnesses[name].values())
    (search,) = report.explorations
    acts = {search.world.programs[move.actor].act(move.act) for _, move, _ in search.moves}
    return {(act.place.caller, act.place.function) for act in acts}


def entered(design, name, actor):
    """Return the functions that an actor's code enters, whether or not they do anything there."""
    world = world_of(design, SCENARIOS[name], load(design.kernel))
    (program,) = (program for program in world.programs if program.actor == actor)
    return {line.place.function for line in program.code if isinstance(line, Enter)}


def test_names_are_asked_about_where_a_design_has_them():
    asking = {scenario.name for scenario in by_default(made())}
    assert set(OF_NAMES) - asking == {"unlink-reader"}
    asking = {scenario.name for scenario in by_default(made(more=PERSISTENT))}
    assert set(OF_NAMES) - asking == {"unlink-reader", "reclaim"}
    nameless = made(text=TEXT.replace("named = true", ""))
    assert not set(OF_NAMES) & {scenario.name for scenario in by_default(nameless)}
    assert not is_asked(made(text=TEXT.replace('"own"', '"anon-inode"')))
    assert may_be_reclaimed(made())
    assert not may_be_reclaimed(made(more=PERSISTENT))


@EACH
@BOTH
def test_umount_goes_by_the_functions_of_the_kernel(kernel, more):
    seen = entered(made(kernel, more), "umount", "unmounter")
    own = {"6.12": {"shrink_dcache_parent", "__dentry_kill"}, "7.3": {"shrink_dcache_tree"}}
    assert own[kernel] | {"shrink_dentry_list", "sync_filesystem", "evict_inodes"} <= seen
    is_litter = bool(more) and kernel == "6.12"
    assert ({"kill_litter_super", "d_genocide"} <= seen) == is_litter
    # A hashed inode is put while SB_ACTIVE is set, so that evict_inodes finds it unused.
    evicted = ("dispose_list", "evict") in asked(made(kernel, more), "umount")
    assert evicted == (not more)


@EACH
def test_memory_is_taken_from_dentry_then_inode(kernel):
    seen = asked(made(kernel), "reclaim")
    kill = "dentry_kill" if kernel == "7.3" else "__dentry_kill"
    assert {("shrink_kill", kill), ("prune_icache_sb", "inode_lru_isolate")} <= seen
    assert ("dispose_list", "evict") in seen
    roads = entered(made(kernel), "reclaim", "kswapd")
    assert {"super_cache_scan", "prune_dcache_sb", "shrink_dentry_list"} <= roads


@EACH
@BOTH
def test_unlink_ends_the_inode_itself_or_leaves_it_to_the_last_close(kernel, more):
    report = check(made(kernel, more), scenarios=[SCENARIOS["unlink"]], keep_moves=True)
    assert report.defects == ()
    (search,) = report.explorations
    enders = set()
    for _, move, _ in search.moves:
        program = search.world.programs[move.actor]
        if program.act(move.act).place.function == "evict":
            enders.add(program.shown)
    assert {"task", "unlinker"} <= enders


def test_a_file_is_used_after_its_name_has_gone():
    broken = made(text=TEXT + 'hooks.unlink = ["free blob"]\n')
    report = check(broken, scenarios=[SCENARIOS["unlink"]])
    assert "use-after-free" in report.defects
    assert "freed in unlink" in report.reason("use-after-free")


READER = """
mount = "own"
allocator = "new_inode"
named = true
filled = false
metadata.body = { placement = "i_link", read_by = ["lockless reader"] }
hooks.evict_inode = ["truncate", "clear_inode", "free body after a grace period"]
hooks.unlink = ["WORDS", "clear body"]
"""


def test_a_reader_without_a_reference_meets_what_unlink_frees():
    at_once = made(text=READER.replace("WORDS", "free body"))
    report = check(at_once, scenarios=[SCENARIOS["unlink-reader"]])
    assert report.defects == ("use-after-free",)
    assert "freed in unlink; then peek, in atomic context, reads body" in report.reason(
        "use-after-free"
    )
    at_last = made(text=READER.replace('"WORDS", "clear body"', ""))
    assert not SCENARIOS["unlink-reader"].asks(at_last)
    assert "rcu-reader" in {scenario.name for scenario in by_default(at_last)}


MARK = 'actors.watcher = { holds = "mark", does = ["read blob"] }\n'


@EACH
@BOTH
def test_a_mark_on_a_named_inode_goes_at_umount(kernel, more):
    report = check(made(kernel, more, TEXT + MARK))
    assert report.verdict == "correct", report.reasons
    names = {search.world.scenario.name for search in report.explorations}
    assert {"actor watcher", "actor watcher, umount", "actor watcher, unlink"} <= names


HOLDER = 'actors.holder = { holds = "inode", does = ["read blob"] }\n'


def test_an_inode_that_is_held_is_busy_at_umount_and_its_superblock_goes():
    report = check(made(more=PERSISTENT, text=TEXT + HOLDER))
    assert report.defects == ("busy-inodes", "crash", "use-after-free")
    assert "i_sb of inode, which umount found busy and poisoned" in report.reason("crash")
    # Who has begun to evict it before umount looks is on no list, and meets the superblock later.
    assert "superblock" in report.reason("use-after-free")
    until = HOLDER.replace("does", 'until = "umount", does')
    assert check(made(more=PERSISTENT, text=TEXT + until)).verdict == "correct"


@BOTH
@pytest.mark.parametrize("holds", ["dentry", "file", "O_PATH file"])
def test_who_holds_the_way_to_the_inode_keeps_it_through_unlink(holds, more):
    holder = f'actors.who = {{ holds = "{holds}", does = ["read blob"] }}\n'
    assert check(made(more=more, text=TEXT + holder)).verdict == "correct"


def test_names_that_nobody_unpins_leave_busy_inodes():
    text = TEXT + 'hooks.kill_sb = ["WORD"]\n'
    anon = text.replace("WORD", "kill_anon_super")
    litter = text.replace("WORD", "kill_litter_super")
    report = check(made("6.12", PERSISTENT, anon))
    assert report.defects == ("busy-inodes", "inode-leak", "leak")
    assert check(made("7.3", PERSISTENT, anon)).verdict == "correct"
    assert check(made("6.12", PERSISTENT, litter)).verdict == "correct"
    assert check(made("7.3", PERSISTENT, litter)).defects == ("no-such-field",)


def test_drop_inode_may_ask_for_the_last_name():
    asks = 'hooks.drop_inode = ["if nlink 0: return 1"]\n'
    seen = {function for _, function in asked(made(text=TEXT + asks), "reclaim")}
    assert {"inode_lru_isolate", "__inode_lru_list_add"} <= seen
    with pytest.raises(DesignError, match=r"where .if nlink 0: return 0. does not apply"):
        made(text=TEXT + 'hooks.drop_inode = ["if nlink 0: return 0"]\n')


def test_persistent_is_said_of_names():
    with pytest.raises(DesignError, match="needs named = true"):
        made(more=PERSISTENT, text=TEXT.replace("named = true", ""))
