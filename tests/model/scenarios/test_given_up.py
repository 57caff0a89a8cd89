"""Creations and mounts that fail: who is asked beside them, and what comes behind."""

import pytest

from gmemviz.model import Design, check
from gmemviz.model.machine import Machine
from gmemviz.model.road import cells
from gmemviz.model.scenarios import by_default, declared, given_up
from tests.model.machine.made import design_of, machine_of, target_of

BASE = """
kernel = "6.12"
mount = "own"
allocator = "new_inode"
filled = false
"""
SUPER = BASE + 'metadata.info = { placement = "s_fs_info" }\n'
EARLY = BASE + 'metadata.info = { placement = "s_fs_info", before_root = true }\n'


def names_of(text):
    return [scenario.name for scenario in given_up.of_design(Design.from_text(text))]


def report_of(text):
    return check(Design.from_text(text))


def test_a_design_whose_failing_road_nobody_else_names_is_not_asked():
    assert given_up.of_design(design_of()) == ()
    assert names_of(SUPER) == []
    hooked = SUPER + 'hooks.put_super = ["free info"]\n'
    assert names_of(hooked) == []
    actor = 'actors.reader = { from = "creation", does = ["read info"] }\n'
    assert [name for name in names_of(hooked + actor) if "creation" in name] == []
    assert names_of(BASE + actor.replace("read info", "sleep")) == []


@pytest.mark.parametrize(
    ("more", "name"),
    [
        ('error_path = ["read info"]\n', "creation fails, umount"),
        ('hooks.evict_inode = ["if failed: read info", "truncate", "clear_inode"]\n',
         "creation fails, umount"),
        ('hooks.alloc_inode = ["alloc container", "get info"]\nhooks.free_inode = ["free struct"]\n',
         "init fails, umount"),
        ('error_path = ["queue w"]\ncallbacks.w = { runs = "worker", does = ["read info"] }\n',
         "creation fails, umount"),
    ],
    ids=["error path", "failed", "alloc_inode", "a work"],
)  # fmt: skip
def test_the_superblock_ends_behind_a_failing_creation_that_names_what_it_has(more, name):
    design = Design.from_text(SUPER + more)
    scenarios = {each.name: each for each in given_up.of_design(design)}
    assert name in scenarios
    assert "unmounts" in scenarios[name].actors[0].traits
    found = next(
        each for each in check(design).explorations if each.world.scenario.name == name
    )  # fmt: skip
    assert found.witnesses == dict.fromkeys(found.witnesses, True)
    assert name in [each.name for each in by_default(design)]


def test_a_mount_that_is_nobodys_to_shut_down_has_actors_beside_its_creation_alone():
    listed = """
    lists = ["all"]
    metadata.blob = { placement = "i_private" }
    hooks.release = ["take blob off all", "free blob", "clear blob"]
    error_path = ["put blob on all", "take blob off all", "free blob", "clear blob"]
    actors.walker = { does = ["walk all"] }
    """
    text = BASE.replace('"own"', '"anon-inode"') + listed
    (scenario,) = given_up.of_design(Design.from_text(text))
    assert scenario.name == "actor walker, creation fails"
    assert not any("unmounts" in actor.traits for actor in scenario.actors)


LISTED = """
lists = ["all"]
locks.guard = "mutex"
metadata.blob = { placement = "containing-struct" }
hooks.alloc_inode = ["alloc container", "attach blob", "lock guard", "put blob on all", "unlock guard"]
hooks.destroy_inode = ["lock guard", "take blob off all", "unlock guard", "free blob"]
hooks.free_inode = ["free struct"]
"""
WALKER = 'actors.walker = { holds = "lock guard", does = ["walk all"] }\n'


def test_who_walks_a_list_meets_an_inode_whose_init_fails():
    assert "actor walker, init fails" in names_of(BASE + LISTED + WALKER)
    assert report_of(BASE + LISTED + WALKER).verdict == "correct"
    late = LISTED.replace(
        '"take blob off all", "unlock guard", "free blob"', '"unlock guard", "free blob"'
    )
    late += 'hooks.evict_inode = ["take blob off all", "truncate", "clear_inode"]\n'
    report = report_of(BASE + late + WALKER)
    assert report.defects == ("use-after-free",)
    assert "actor walker, init fails" in report.why


def test_two_actors_meet_beside_one_creation_and_many_do_not():
    base = (
        BASE
        + 'metadata.blob = { placement = "i_private" }\nerror_path = ["free blob", "clear blob"]\n'
    )
    actor = 'actors.NAME = { from = "creation", until = "umount", times = 1, does = ["if blob set: sleep"] }\n'

    def asked(*names):
        return names_of(base + "".join(actor.replace("NAME", name) for name in names))

    assert asked("a") == ["actor a, creation fails"]
    assert asked("a", "b") == ["actors a and b, creation fails"]
    assert len(asked("a", "b", "c")) == 3
    assert asked("a", "b", "c", "d")[0] == "actor a, creation fails"


@pytest.mark.parametrize(
    ("actor", "is_asked"),
    [
        ('from = "creation"', True), ('holds = "inode", from = "creation"', True),
        ('from = "open"', False), ('holds = "file"', False), ('from = "close"', False),
        ('holds = "mark", from = "creation"', False),
    ],
)  # fmt: skip
def test_who_needs_a_file_is_not_beside_a_creation_that_has_none(actor, is_asked):
    text = (
        BASE
        + 'metadata.blob = { placement = "i_private" }\nerror_path = ["free blob", "clear blob"]\n'
    )
    text += f'actors.who = {{ {actor}, does = ["read blob"] }}\n'
    assert bool(names_of(text)) == is_asked


MOUNTS = 'error_path = ["free info", "clear info"]\n'
SHRINK = 'actors.shrink = { from = "creation", until = "umount", times = 1, does = ["if info set: read info"] }\n'


def test_an_error_path_that_takes_away_what_the_superblock_has_is_a_mounts():
    assert given_up.is_of_mount(Design.from_text(SUPER + MOUNTS))
    assert not given_up.is_of_mount(Design.from_text(SUPER + 'error_path = ["read info"]\n'))
    # Only what is there before the root can be taken away by a mount that fails.
    assert not any("error path" in name for name in names_of(SUPER + MOUNTS))
    assert {
        "mount fails, error path", "mount without root, error path",
        "mount fails at once, error path",
    } <= set(names_of(EARLY + MOUNTS + 'hooks.kill_sb = ["kill_anon_super", "free info"]\n'))  # fmt: skip


def test_who_respects_umount_takes_turns_with_the_error_path_of_a_mount():
    kill = 'hooks.kill_sb = ["kill_anon_super", "free info"]\n'
    assert report_of(EARLY + MOUNTS + SHRINK + kill).verdict == "correct"
    regardless = SHRINK.replace('until = "umount", ', "")
    assert "use-after-free" in report_of(EARLY + MOUNTS + regardless + kill).defects
    left = report_of(EARLY + MOUNTS.replace(', "clear info"', "") + SHRINK + kill)
    assert {"use-after-free", "double-free"} <= set(left.defects)
    assert "error path of a mount" in left.reason("double-free")


def test_who_works_for_the_superblock_is_beside_a_mount_that_fails():
    text = EARLY + SHRINK + 'hooks.put_super = ["free info"]\n'
    names = names_of(text)
    assert names == ["actor shrink, mount fails", "actor shrink, mount without root"]
    about_inode = SHRINK.replace("read info", "make_bad_inode")
    assert names_of(EARLY + about_inode + 'hooks.put_super = ["free info"]\n') == []


def test_umount_waits_for_whom_it_is_said_to_wait_and_the_root_is_a_creation():
    t = target_of()
    at_work = ((cells.inside("actor:who"), 1), (declared.UNMOUNTING, 1), ("attached", 0))
    m = machine_of(t, also=at_work)
    assert given_up.may_give_up(m, t, awaited=())
    assert not given_up.may_give_up(m, t, awaited=("who",))
    given_up.let_begin(m, t)
    given_up.note_made(m, t)
    assert (m[declared.UNMOUNTING], m["attached"]) == (0, 1)
    without = Machine({name: m[name] for name in m if name != "attached"}, "P")
    given_up.note_made(without, t)
    assert "attached" not in without


LEAVES = (
    BASE
    + """
module = true
owner = true
callbacks.work = { runs = "worker", does = ["sleep"] }
"""
)


@pytest.mark.parametrize(
    ("holds", "more"),
    [("file", ""), ("dentry", ""), ("inode", 'until = "umount", '), ("nothing", 'until = "umount", ')],
)  # fmt: skip
def test_what_an_actor_has_queued_runs_as_text_of_the_module(holds, more):
    actor = f'actors.user = {{ holds = "{holds}", {more}times = 1, does = ["queue work"] }}\n'
    report = report_of(LEAVES + actor)
    assert report.defects == ("use-after-free",)
    assert "callback work runs module text" in report.why
    assert "(actor user, module exit" in report.why
    drains = 'hooks.kill_sb = ["kill_anon_super", "drain work"]\n'
    assert report_of(LEAVES + actor + drains).verdict == "correct"


def test_who_queues_nothing_is_not_beside_a_module_exit():
    idle = 'actors.user = { holds = "file", does = ["sleep"] }\nhooks.release = ["queue work"]\n'
    assert names_of(LEAVES + idle) == []
    alone = idle.replace('"file"', '"nothing"')
    assert names_of(LEAVES + alone) == ["actor user, module exit"]  # a thread that nobody stops
    thread = LEAVES.replace("callbacks.work", "#") + alone.partition("\n")[0]
    assert "actor user runs module text" in report_of(thread).reason("use-after-free")
    queues = idle.replace('"sleep"', '"queue work"')
    assert names_of(LEAVES + queues) == ["actor user, module exit"]
    built_in = (LEAVES + queues).replace("module = true", "module = false")
    assert names_of(built_in) == []


def test_nothing_begins_once_the_module_has_nobody_left():
    design = Design.from_text(LEAVES + 'actors.user = { does = ["queue work"] }\n')
    t = target_of(design)
    also = (*cells.MODULE, (cells.inside("actor:user"), 1))
    m = machine_of(t, also=also)
    assert not given_up.may_exit(m, t, awaited=())
    m["opened"] = 1
    assert given_up.may_exit(m, t, awaited=())
    assert not given_up.may_exit(m, t, awaited=("user",))
