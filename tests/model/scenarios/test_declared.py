"""The scenarios that a Design's own actors make, and who runs what it defers."""

import pytest

from gmemviz.errors import DesignError
from gmemviz.model import Design, check
from gmemviz.model.machine import I_FREEING, Machine
from gmemviz.model.road import cells, marks
from gmemviz.model.scenarios import declared
from gmemviz.model.scenarios.scenario import TASK
from tests.model.machine.made import design_of, machine_of, target_of

ACTORS = """
actors.lister = { holds = "rcu", does = ["sleep"], times = 1 }
actors.writer = { holds = "inode", does = ["add page"], until = "umount" }
"""


def test_each_actor_runs_alone_and_all_of_them_together():
    design = design_of(more=ACTORS)
    found = {scenario.name: scenario for scenario in declared.of_design(design)}
    assert list(found) == ["actor lister", "actor writer", "all actors"]
    names = {name: [actor.name for actor in scenario.actors] for name, scenario in found.items()}
    assert names["actor lister"] == ["task", "rcu", "actor:lister", "unmounter"]
    assert names["actor writer"] == [
        "task", "rcu", "actor:writer", "actor:writer 2", "unmounter",
    ]  # fmt: skip
    assert names["all actors"] == ["task", "rcu", "actor:lister", "actor:writer", "unmounter"]
    assert ("inode.i_lock", 0) not in found["actor lister"].cells
    assert ("inode.i_lock", 0) in found["actor writer"].cells


LOCKS = """
locks = { a = "mutex", b = "mutex" }
lists = ["all"]
hooks.release = ["lock a", "lock b", "unlock b", "unlock a"]
actors.reader = { does = ["read tree"] }
actors.walker = { holds = "lock b", does = ["lock a", "walk all", "put tree on all", "unlock a"] }
"""


def test_who_waits_with_a_lock_held_meets_another_inode():
    found = [scenario.name for scenario in declared.of_design(design_of(more=LOCKS))]
    assert found[:2] == ["another inode", "actor walker, another inode"]
    alone = LOCKS.replace('["lock a", "lock b", "unlock b", "unlock a"]', '["lock a", "unlock a"]')
    alone = alone.replace('["lock a", "walk all", "put tree on all", "unlock a"]', '["walk all"]')
    found = [scenario.name for scenario in declared.of_design(design_of(more=alone))]
    assert not any("another inode" in name for name in found)


@pytest.mark.parametrize(
    ("holds", "does", "begins"),
    [
        ("lock b", '["lock a", "walk all", "unlock a"]', "listed"), ("rcu", '["walk all"]', "listed"),
        ("inode", '["walk all"]', "open"), ("rcu", '["read tree", "walk all"]', "open"),
    ],
)  # fmt: skip
def test_who_walks_a_list_first_begins_while_something_is_on_it(holds, does, begins):
    walker = f'actors.walker = {{ holds = "{holds}", does = {does} }}\n'
    design = design_of(more=LOCKS.replace("actors.walker = ", walker + "actors.other = "))
    (who,) = (who for who in design.actors if who.name == "walker")
    assert who.begins == begins
    t = target_of(design, actor=who.name)
    m = machine_of(t, also=[*cells.shared_cells_of_bodies(design).items(), ("attached", 1)])
    m["published"] = int(begins == "open")
    assert declared.may_begin(m, t, who=who) == (begins == "open")
    m[cells.members("all")] = ("tree",)
    assert declared.may_begin(m, t, who=who)


def test_who_begins_listed_walks_a_list():
    with pytest.raises(DesignError, match="begins listed, and its first word is no walk"):
        design_of(more='actors.reader = { from = "listed", does = ["read tree"] }')


def test_a_design_without_actors_makes_none():
    assert declared.of_design(design_of()) == ()


def test_what_a_superblock_owns_is_asked_of_mounts_that_fail():
    design = design_of("s_fs_info", 'release = "kfree", before_root = true')
    half, without = declared.MOUNT_FAILS, declared.MOUNT_WITHOUT_ROOT
    assert declared.of_design(design) == (half, without, declared.MOUNT_FAILS_AT_ONCE)
    hooked = design_of(more='hooks.put_super = ["rcu_barrier"]')
    assert declared.of_design(hooked) == (half, without)


SUPER = """
kernel = "6.12"
mount = "own"
allocator = "new_inode"
filled = false
hooks.evict_inode = ["truncate", "clear_inode"]
"""
EARLY = 'metadata.info = { placement = "s_fs_info", before_root = true }\n'
LATE = 'metadata.late = { placement = "s_fs_info" }\n'


def codes_of(more):
    return check(Design.from_text(SUPER + more)).defects


def test_a_mount_without_a_root_dentry_puts_its_inode_and_passes_put_super_by():
    """d_make_root fails: s_root is NULL, and what put_super alone frees is lost."""
    freed_late = 'hooks.put_super = ["free info"]\n'
    report = check(Design.from_text(SUPER + EARLY + freed_late))
    assert report.defects == ("leak",)
    ends = {search.world.scenario.name for search in report.explorations if search.found}
    assert ends == {"mount-without-root", "mount-fails-at-once"}
    assert codes_of(EARLY + 'hooks.kill_sb = ["kill_anon_super", "free info"]\n') == ()
    # Nor is such a superblock active, so that drop_inode cannot keep the inode.
    stays = 'hooks.drop_inode = ["return 0"]\nhooks.kill_sb = ["kill_anon_super"]\n'
    assert codes_of(stays) == ()


@pytest.mark.parametrize(("kind", "codes"), [("info", ()), ("late", ("crash",))])
def test_a_mount_that_fails_has_what_it_had_before_its_root(kind, codes):
    reads = SUPER.replace('"truncate"', f'"read {kind} untested", "truncate"')
    rest = 'hooks.put_super = ["free late"]\nhooks.kill_sb = ["kill_anon_super", "free info"]\n'
    design = Design.from_text(reads + EARLY + LATE + rest)
    assert check(design).defects == codes
    later = (
        rest.replace("free late", "call_rcu later") + 'callbacks.later = { does = ["free late"] }'
    )
    assert check(Design.from_text(reads + EARLY + LATE + later)).defects == codes


DELAYED = """
hooks.drop_inode = ["return 0"]
hooks.put_super = ["drain delayed"]
callbacks.delayed = { runs = "worker", does = ["iput"] }
actors.holder = { holds = "inode", until = "umount", times = 1, does = ["igrab", "queue delayed"] }
"""


@pytest.mark.parametrize("kernel", ["6.12", "7.3"])
def test_who_puts_an_inode_once_umount_has_begun_ends_it(kernel):
    """SB_ACTIVE is cleared by then, so iput_final keeps no inode that drop_inode would keep."""
    assert codes_of(DELAYED.replace("6.12", kernel)) == ()
    # Where nobody waits for the worker the superblock finds the inode busy.
    late = codes_of(DELAYED.replace('hooks.put_super = ["drain delayed"]', ""))
    assert {"busy-inodes", "crash"} <= set(late)


WRITER = 'actors.writer = { holds = "inode", until = "umount", times = 1, does = [WORDS] }\n'


def asked_of(place, words, *, kernel="6.12", more="", needs=""):
    """Return the Report on a Design whose one actor does something to what lies in a member."""
    text = SUPER.replace("6.12", kernel) + f'metadata.thing = {{ placement = "{place}"{needs} }}\n'
    return check(Design.from_text(text + more + WRITER.replace("WORDS", words)))


AT_ONCE = '"free thing", "clear thing"'
FREES = 'hooks.free_inode = ["free thing", "free to inode_cachep"]\n'
EVICTS = '"truncate", "clear_inode", "free thing", "clear thing"'


@pytest.mark.parametrize(
    ("place", "reader", "more"),
    [
        ("i_acl", "get_cached_acl", ""),
        ("i_default_acl", "get_cached_acl", ""),
        ("i_link", "vfs_readlink", 'kinds = ["symlink"]\n' + FREES),
        ("i_cdev", "chrdev_open", 'kinds = ["special"]\n'),
        ("i_pipe", "fifo_open", 'error_path = ["free thing", "clear thing"]\n'),
        ("i_crypt_info", "fscrypt_get_inode_info", 'hooks.drop_inode = ["return 1"]\n'),
    ],
)
def test_what_the_vfs_reads_is_read_beside_whoever_frees_it(place, reader, more):
    report = asked_of(place, AT_ONCE, more=more)
    assert "use-after-free" in report.defects
    assert f"then {reader} reads thing" in report.reason("use-after-free")


@pytest.mark.parametrize("kernel", ["6.12", "7.3"])
@pytest.mark.parametrize("place", ["i_acl", "i_default_acl"])
@pytest.mark.parametrize("more", ["", "named = true\n"], ids=["nameless", "named"])
def test_an_acl_that_waits_for_its_readers_may_be_taken_away(kernel, place, more):
    words = '"free thing after a grace period", "clear thing"'
    assert asked_of(place, words, kernel=kernel, more=more).verdict == "correct"
    forgets = asked_of(place, words.partition(",")[0], kernel=kernel, more=more)
    assert "double-free" in forgets.defects  # the pointer stays, and the VFS puts it


def test_a_path_walk_meets_an_actor_where_nobody_holds_the_inode():
    late = WRITER.replace("until", 'from = "close", until').replace("WORDS", AT_ONCE)
    text = SUPER + 'named = true\nmetadata.thing = { placement = "i_acl" }\n' + late
    report = check(Design.from_text(text))
    scenarios = {search.world.scenario.name for search in report.explorations}
    assert {"actor writer, in use", "actor writer, path walk"} <= scenarios
    assert report.defects == ()  # nothing begins after close(2) but by the name, and then it holds
    evicter = late.replace('"inode"', '"nothing"').replace("close", "eviction")
    report = check(Design.from_text(text.replace(late, evicter)))
    assert "RCU path walk" in report.reason("use-after-free")


def test_a_lockless_reader_is_asked_beside_whoever_frees_what_it_reads():
    needs = ', read_by = ["lockless reader"]'
    report = asked_of("i_private", AT_ONCE, needs=needs, more=FREES)
    assert "peek" in report.reason("use-after-free")
    empty = needs + ", left_empty = true"
    words = '"free thing after a grace period"'
    assert asked_of("i_private", words, needs=empty, more=FREES).verdict == "correct"


@pytest.mark.parametrize(
    ("place", "more", "reader"),
    [
        ("i_acl", "named = true\n", "path walk"),
        ("i_crypt_info", "", "in use"),
    ],
)
def test_who_attaches_meets_whoever_reads_it(place, more, reader):
    design = asked_of(place, '"attach thing unless set"', more=more).design
    assert f"actor writer, {reader}" in [each.name for each in declared.of_design(design)]


def test_the_last_folio_put_meets_whoever_attaches_what_it_reads():
    needs = ', read_by = ["last folio_put"]'
    report = asked_of("i_private", '"attach thing unless set"', needs=needs)
    names = [each.name for each in declared.of_design(report.design)]
    assert names == ["actor writer", "actor writer, last folio_put"]


def test_who_changes_nothing_meets_no_more_readers_than_before():
    design = asked_of("i_acl", '"read thing"').design
    assert [each.name for each in declared.of_design(design)] == ["actor writer"]
    queues = WRITER.replace("WORDS", '"call_rcu later"')
    later = 'callbacks.later = { does = ["free thing", "clear thing"] }\n'
    text = SUPER + 'metadata.thing = { placement = "i_acl" }\n' + later + queues
    names = [each.name for each in declared.of_design(Design.from_text(text))]
    assert names == ["actor writer", "actor writer, in use"]


PAIR = """
named = true
metadata.blob = { placement = "i_private" }
hooks.free_inode = ["free blob", "free to inode_cachep"]
locks.guard = "mutex"
actors.writer = { holds = "inode", until = "umount", from = "close", does = [WRITES] }
actors.reader = { holds = "dentry", from = "close", does = [READS] }
"""


def pair(writes, reads):
    return check(Design.from_text(SUPER + PAIR.replace("WRITES", writes).replace("READS", reads)))


def test_two_actors_meet_on_an_inode_that_its_name_alone_holds():
    """Behind close(2) nothing but the name leads there."""
    under = '"lock guard", WORDS, "unlock guard"'
    locked = pair(
        under.replace("WORDS", '"free blob", "clear blob"'), under.replace("WORDS", '"read blob"')
    )
    assert locked.verdict == "correct", locked.reasons
    assert locked.bounds.together == 2
    assert "2 actors at once on an inode with a name" in str(locked.bounds)
    broken = pair(
        under.replace("WORDS", '"free blob", "clear blob"'),
        '"lock guard", "unlock guard", "read blob"',
    )
    assert "actors reader and writer, umount" in broken.reason("use-after-free")


def test_two_actors_meet_beside_an_unlink_hook_too():
    two = 'actors.a = { does = ["sleep"] }\nactors.b = { does = ["sleep"] }\n'
    three = two + 'actors.c = { does = ["sleep"] }\n'
    hook = 'hooks.unlink = ["sleep"]\n'
    pairs = {
        more: [
            each.name
            for each in declared.of_design(Design.from_text(SUPER + "named = true\n" + more))
            if each.name.startswith("actors ")
        ]
        for more in (two, two + hook, three + hook)
    }
    assert pairs[two] == ["actors a and b, umount"]
    assert pairs[two + hook] == ["actors a and b, umount", "actors a and b, unlink"]
    assert len(pairs[three + hook]) == 3


HOLDS = ("nothing", "rcu", "srcu", "inode", "mark", "dentry", "file", "O_PATH file", "lock guard")


@pytest.mark.parametrize("holds", HOLDS)
def test_an_actor_takes_what_it_holds_and_is_done_once_it_has_put_it(holds):
    more = 'locks.guard = "mutex"\nerror_path = ["lock guard", "unlock guard"]\n'
    more += f'actors.who = {{ holds = "{holds}", does = ["sleep"] }}'
    design = design_of(more=more)
    (who,) = design.actors
    t = target_of(design, actor="actor:who")
    also = dict(cells.COUNTED_FILE) | cells.shared_cells_of_bodies(design)
    also |= {declared.UNMOUNTING: 0, "attached": 1, marks.MARKS: 0, cells.inside(t.actor): 0}
    m = machine_of(t, also=also.items(), published=1, inode__dentry=1, f_ref=1)
    before = Machine(m, "P")
    assert declared.may_begin(m, t, who=who)
    declared.begin(m, t, who=who)
    taken = {name for name in m if m[name] != before[name]} - {cells.inside(t.actor)}
    assert taken == {
        "nothing": set(), "rcu": {"readers"}, "srcu": {cells.SRCU_READERS},
        "inode": {"inode.i_count"}, "file": {"f_ref"},
        "mark": {"inode.i_count", marks.MARKS}, "dentry": {"inode.dentry", "mount"},
        "O_PATH file": {"inode.dentry", "mount"}, "lock guard": {cells.lock("guard")},
    }[holds]  # fmt: skip
    assert m[cells.inside(t.actor)] == 1
    declared.end(m, t, who=who)
    assert (m[cells.inside(t.actor)], m["readers"], m[cells.lock("guard")]) == (2, (), "")


def test_an_actor_begins_at_its_moment_and_not_once_umount_has_begun():
    moments = {
        "alloc": {"inode__i_count": 1}, "creation": {"attached": 1}, "open": {"published": 1}, "close": {"closed": 1},
        "eviction": {"inode__i_state": I_FREEING}, "umount": {"superblock": "freed"},
    }  # fmt: skip
    for moment, so in moments.items():
        more = f'actors.who = {{ from = "{moment}", until = "umount", does = ["sleep"] }}'
        t = target_of(design_of(more=more))
        (who,) = t.design.actors
        also = {"attached": 0, declared.UNMOUNTING: 0}.items()
        before = {"inode__i_count": None} if moment == "alloc" else {}
        assert not declared.may_begin(machine_of(t, also=also, **before), t, who=who), moment
        m = machine_of(t, also=also, **so)
        assert declared.may_begin(m, t, who=who), moment
        declared.begin_unmount(m, t)
        assert not declared.may_begin(m, t, who=who), moment


def test_umount_waits_for_whom_it_is_said_to_wait():
    t = target_of()
    m = machine_of(t, also=((cells.inside("actor:writer"), 1),), published=1)
    assert declared.may_unmount(m, t, awaited=())
    assert not declared.may_unmount(m, t, awaited=("writer",))
    m[cells.inside("actor:writer")] = 2
    assert declared.may_unmount(m, t, awaited=("writer",))


def test_a_callback_and_each_deferred_free_has_somebody_who_runs_it():
    design = design_of(
        more="""
        callbacks.soft = { does = ["free tree in a worker"] }
        hooks.release = ["call_rcu soft"]
        hooks.destroy_inode = ["free tree after a grace period"]
    """
    )
    names = [actor.name for actor in declared.deferred_of(design, TASK)]
    assert names == [
        "callback:soft", "callback:tree after a grace period", "callback:tree in a worker",
    ]  # fmt: skip
    assert declared.deferred_of(design_of(), TASK) == ()
    acl, device = (design_of(place, kernel="6.12") for place in ("i_acl", "i_cdev"))
    of_vfs = [declared.deferred_of(design, TASK)[0].name for design in (acl, device)]
    assert of_vfs == ["callback:tree after a grace period", "callback:driver of tree"]
    assert declared.cells.own_name("actor", "task") != TASK.name


ALONE = """
kernel = "6.12"
mount = "own"
filled = false
hooks.alloc_inode = ["alloc container"]
hooks.free_inode = ["free struct"]
locks = { g = "mutex", h = "mutex" }
error_path = ["lock g", "unlock g", "lock h", "unlock h"]
"""


CROSSED = """a = { does = ["lock g", "lock h", "unlock h", "unlock g"] }
actors.b = { does = ["lock h", "lock g", "unlock g", "unlock h"] }
"""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ('a = { does = ["wait for b"] }\nactors.b = { does = ["wait for a"] }', "hang"),
        ('a = { does = ["wait for a"] }', "hang"),
        (CROSSED, "hang"),
        ('a = { holds = "dentry", from = "umount", does = ["sleep"] }',
         "no run enters actor a: it holds dentry, and begins once the superblock is dead"),
        ('a = { does = ["if symlink: sleep"] }',
         'in no run does actor a get to: if symlink: sleep (kinds = ["symlink"] would ask it)'),
    ],
    ids=["a circle", "itself", "two locks", "never begins", "never asked"],
)  # fmt: skip
def test_who_waits_in_a_circle_hangs_and_who_never_begins_is_said(words, said):
    report = check(Design.from_text(f"{ALONE}actors.{words}"))
    assert said in (*report.defects, *report.not_asked)
    assert report.verdict != "correct"


RENAME = """
locks.own = "mutex of each inode"
actors.rename = { holds = "file", does = ["lock own", "lock own of another", "unlock own of another", "unlock own"] }
"""


def test_two_actors_are_asked_about_on_two_inodes():
    found = {each.name: each for each in declared.of_design(design_of(more=RENAME))}
    two = found["actor rename, rename of another inode"]
    inodes = {actor.inode for actor in two.actors if actor.shown == "rename"}
    assert inodes == {"inode", "second"}
    abroad = RENAME.replace('["lock own",', '["igrab", "iput", "lock own",')
    names = [each.name for each in declared.of_design(design_of(more=abroad))]
    assert "actor rename, rename of another inode" not in names  # nobody holds a file of the second


SETS = """
actors.set = { holds = "file", does = ["detach tree", "free tree", "attach tree"] }
actors.get = { holds = "rcu", does = ["read tree"] }
"""


def test_who_replaces_what_another_reads_comes_twice():
    names = [scenario.name for scenario in declared.of_design(design_of(more=SETS))]
    assert "actor set twice, get" in names
    once = SETS.replace('"file", does', '"file", times = 1, does')
    names = [scenario.name for scenario in declared.of_design(design_of(more=once))]
    assert "actor set twice, get" not in names


def test_who_cannot_get_in_any_more_does_not_come_again():
    t = target_of(design_of(more=SETS), actor="actor:set")
    who = next(actor for actor in t.design.actors if actor.name == "set")
    also = {declared.UNMOUNTING: 0, "attached": 1, cells.inside(t.actor): 2, "f_ref": 0}
    m = machine_of(t, also=also.items())
    declared.begin_again(m, t, who=who)
    assert (m.register, m[cells.inside(t.actor)]) == (0, 2)
    m["f_ref"] = m["published"] = 1
    declared.begin_again(m, t, who=who)
    assert (m.register, m["f_ref"], m[cells.inside(t.actor)]) == (1, 2, 1)


EARLY_LIST = """
lists = ["all"]
locks.guard = "spinlock"
metadata.node = { placement = "containing-struct", born_in_alloc = true }
metadata.body = { placement = "containing-struct" }
hooks.alloc_inode = ["alloc container", "init body", "attach node", "lock guard", "put node on all", "unlock guard"]
hooks.destroy_inode = ["lock guard", "take node off all", "unlock guard", "free node", "free body"]
hooks.free_inode = ["free struct"]
actors.walker = { holds = "lock guard", does = ["walk all", READS] }
"""
FROM_ALLOC = """
metadata.body = { placement = "containing-struct" }
hooks.alloc_inode = ["alloc container", "init body"]
hooks.free_inode = ["free body", "free struct"]
actors.early = { from = "FROM", holds = "rcu", times = 1, does = ["read body untested"] }
"""


def test_who_walks_a_list_of_alloc_inode_meets_an_inode_without_what_its_creator_attaches():
    assert codes_of(EARLY_LIST.replace("READS", '"read body untested"')) == ("crash",)
    tested = EARLY_LIST.replace("READS", '"if body set: read body"')
    assert check(Design.from_text(SUPER + tested)).verdict == "correct"


def test_who_begins_as_alloc_inode_returns_finds_nothing_attached():
    early = check(Design.from_text(SUPER + FROM_ALLOC.replace("FROM", "alloc")))
    assert "crash" in early.defects
    assert "crash" not in codes_of(FROM_ALLOC.replace("FROM", "creation"))
    tested = FROM_ALLOC.replace("FROM", "alloc").replace(" untested", "")
    assert check(Design.from_text(SUPER + tested)).verdict == "correct"
