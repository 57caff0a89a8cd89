"""Each operation of the model stands for a function that the kernel has, or says why for none."""

import inspect
import re
from importlib import import_module
from pathlib import Path
from typing import get_args

import pytest

import gmemviz.model.road
from gmemviz.facts import kernels, load
from gmemviz.model import SCENARIOS, Design
from gmemviz.model.machine import Machine, NoFunction, Target, stands_for
from gmemviz.model.machine.program import Act, Jump
from gmemviz.model.machine.stands_for import STANDS_FOR, Instead
from gmemviz.model.scenarios import of_design
from gmemviz.model.search.world import world_of
from gmemviz.study import designs, gallery
from tests.bugs.test_bugs import CASES

ROAD = sorted(path.stem for path in Path(gmemviz.model.road.__path__[0]).glob("*.py"))
NO_STEP = {"cells", "lines", "skeleton", "surroundings", "waiting"}
"""Modules of the road with tables and words only; the tests of `lines` are steps all the same."""

BEYOND_THE_FACTS = {
    "fs/bad_inode.c:make_bad_inode",
    "fs/char_dev.c:cdev_purge",
    "fs/dcache.c:d_delete",
    "fs/dcache.c:d_lookup",
    "fs/file.c:file_close_fd",
    "fs/namei.c:link_path_walk",
    "fs/namei.c:pick_link",
    "fs/open.c:do_dentry_open",
    "fs/posix_acl.c:forget_cached_acl",
    "fs/splice.c:vmsplice_to_pipe",
    "include/linux/fs.h:get_file",
    "include/linux/kref.h:kref_get_unless_zero",
    "include/linux/mmap_lock.h:mmap_read_lock",
    "include/linux/mmap_lock.h:mmap_read_unlock",
    "include/linux/pagemap.h:folio_lock",
    "include/linux/rcupdate.h:rcu_read_lock",
    "include/linux/rcupdate.h:rcu_read_unlock",
    "include/linux/srcu.h:srcu_read_lock",
    "include/linux/srcu.h:srcu_read_unlock",
    "kernel/locking/mutex.c:mutex_lock",
    "kernel/locking/mutex.c:mutex_unlock",
    "kernel/module/main.c:free_module",
    "kernel/module/main.c:try_release_module_ref",
    "kernel/rcu/srcutree.c:srcu_barrier",
    "kernel/rcu/tree.c:rcu_do_batch",
    "kernel/sched/core.c:__might_sleep",
    "mm/filemap.c:folio_unlock",
    "mm/memory-failure.c:memory_failure",
    "mm/memory.c:zap_pte_range",
    "virt/kvm/kvm_main.c:kvm_free_memslot",
    "virt/kvm/kvm_main.c:kvm_set_memory_region",
    "virt/kvm/kvm_main.c:kvm_set_memslot",
}
"""Functions that some shipped facts lack: what they are about ends before. A tree has them."""

NO_FUNCTION = {
    "lock": """
        machine.heap.lock machine.heap.shared_lock road.bodies.drop road.bodies.is_free
        road.bodies.take road.vfs.drop_i_lock road.vfs.hold_i_lock road.vfs.is_i_lock_free""",
    "scheduler": """
        road.rcu.grace_is_over""",
    "hardware": """
        machine.heap.bug_on machine.heap.touch road.metadata.follow
        road.metadata.note_stale road.metadata.reach road.rcu.is_mapped
        road.vfs.read_s_op road.ways.refuse_poisoned""",
    "scenario": """
        road.dcache.is_unlinked road.dcache.note_unlinked
        road.files.has_closed road.files.has_file road.files.has_path road.files.is_dead
        road.files.is_freed road.files.is_freed_and_closed road.files.is_in_cache
        road.files.is_open road.files.is_out_of_cache road.files.may_mount
        road.files.note_close road.folios.go_on road.folios.leave_off road.kvm.is_bound
        road.members.is_lock_free road.members.may_purge road.rcu.is_published
        scenarios.declared.can_hold scenarios.declared.may_begin scenarios.declared.may_unmount
        scenarios.given_up.may_exit
        scenarios.given_up.may_give_up""",
    "design": """
        road.bodies._ask road.bodies._by_own road.bodies._clear road.bodies._hand_over
        road.bodies._lies_in road.bodies._load road.bodies._look_at road.bodies._put_on road.bodies._read_word
        road.bodies._set_kind road.bodies._set_nlink road.bodies._take_off road.bodies._use
        road.bodies._walk road.bodies.frees_by_rcu road.bodies.is_not_inside
        road.bodies.kinds_of road.bodies.links_of road.bodies.note_failed
        road.files.add_unasked road.files.compare_files road.files.never_frees
        road.files.open_again road.folios._on_each road.hook_actions.drop road.hook_actions.keep
        road.kvm.run_text road.marks.has_marks
        road.marks.has_marks_early road.marks.has_marks_late road.metadata._attach_at_birth
        road.metadata._follow_mapping road.metadata._init road.metadata._release
        road.metadata.attach road.metadata.attach_to_file road.metadata.attach_to_folio
        road.metadata.give_back road.metadata.make road.metadata.read_all road.metadata.read_when_empty
        road.metadata.test_word road.metadata.unwind
        road.metadata.use_all road.rcu.load_metadata road.rcu.read_metadata
        road.references.attach road.references.hand_over road.references.held
        road.references.load_pointer road.references.receive
        road.ways.note_out_of_reach
        scenarios.declared.begin scenarios.declared.begin_again scenarios.declared.begin_unmount
        scenarios.declared.come scenarios.declared.end scenarios.given_up.let_begin
        scenarios.given_up.note_made""",
    "model": """
        machine.heap.add machine.heap.comes_to machine.heap.count machine.heap.fail machine.heap.note
        machine.heap.says machine.heap.touched road.dcache.leads_to_inode
        road.folios.has_room road.folios.next_free
        road.hook_actions.compile_fields road.kvm.is_built_in road.lines.always road.lines.no
        road.lines.nothing road.lines.yes road.rcu.close_section road.rcu.open_section
        road.surroundings.does road.surroundings.does""",
    "several": """
        machine.heap.allocate machine.heap.free road.bodies.begin_callback
        road.bodies.callback_is_due road.bodies.defer road.bodies.end_callback
        road.bodies.free_deferred road.bodies.is_due road.icache.use
        road.members._load_used road.members._use_locked road.rcu.queue_free""",
}
"""The operations that stand for no single function, by what they stand for instead."""


def name_of(operation):
    return f"{operation.__module__.removeprefix('gmemviz.model.')}.{operation.__name__}"


def steps_of(module):
    """Return the functions of a module whose first argument is what a step works on."""
    for function in vars(import_module(f"gmemviz.model.road.{module}")).values():
        if not inspect.isfunction(function) or not function.__module__.endswith(f".{module}"):
            continue
        if function.__name__.startswith("_"):
            continue
        first = next(iter(inspect.signature(function).parameters.values()), None)
        if first is not None and first.annotation in (Machine, Target, "Machine", "Target"):
            yield function


def public_operations():
    for module in ROAD:
        if module not in NO_STEP:
            yield from steps_of(module)
    yield from steps_of("lines")
    for name, function in vars(Machine).items():
        if inspect.isfunction(function) and not name.startswith("_"):
            yield function


def by_kernel():
    """Return (kernel, operation, path:function) of every name that an operation stands for."""
    for operation, what in STANDS_FOR.items():
        if isinstance(what, NoFunction):
            continue
        for kernel in kernels():
            yield kernel, name_of(operation), what if isinstance(what, str) else what[kernel]


def holds(facts, source):
    path, _, function = source.partition(":")
    return any(found.path == path for found in facts.functions.get(function, ()))


def test_every_public_operation_says_what_it_stands_for():
    silent = [name_of(step) for step in public_operations() if step not in STANDS_FOR]
    assert silent == []
    assert len(list(public_operations())) > 100


def declaring():
    """Return the broken forms of real bugs: between them they say all words of the language."""
    return [Design.from_table(key, case["broken"]) for key, case in CASES.items()]


def operations_of(program):
    run = set()
    for line in program.code:
        if isinstance(line, Act):
            run |= {getattr(way, "func", way) for way in line.operations}
            run |= {getattr(line.guard, "func", line.guard)} - {None}
        elif isinstance(line, Jump):
            run.add(line.test)
    return run


def test_an_operation_that_a_program_runs_says_so_too():
    run = set()
    for design in (*map(gallery, designs()), *declaring()):
        for scenario in (*SCENARIOS.values(), *of_design(design)):
            for program in world_of(design, scenario, load(design.kernel)).programs:
                run |= operations_of(program)
    assert sorted(name_of(step) for step in run if step not in STANDS_FOR) == []


@pytest.mark.parametrize("kernel", kernels())
def test_each_function_is_in_the_facts_of_its_kernel(kernel):
    facts = load(kernel)
    missing = {
        (operation, source)
        for of, operation, source in by_kernel()
        if of == kernel and source not in BEYOND_THE_FACTS and not holds(facts, source)
    }
    assert missing == set()


def test_what_lies_beyond_the_facts_is_listed_and_nothing_else():
    named = {source for _, _, source in by_kernel()}
    assert named >= BEYOND_THE_FACTS, "listed, and no operation stands for it"
    within = {s for s in BEYOND_THE_FACTS if all(holds(load(kernel), s) for kernel in kernels())}
    assert within == set(), "all facts have it, so it needs no tree"


@pytest.mark.kernel_tree
@pytest.mark.parametrize("source", sorted(BEYOND_THE_FACTS))
def test_what_lies_beyond_the_facts_is_defined_in_a_tree(kernel_folder, source):
    path, _, function = source.partition(":")
    text = (Path(kernel_folder) / path).read_text(encoding="utf-8")
    # A definition begins a line with its type and ends in a brace; a call is further in.
    defined = re.compile(rf"^\w[\w \t*]*[ \t*]{function}\([^;{{]*\)\s*\{{", re.MULTILINE)
    assert defined.search(text), f"{path} defines no {function}"


def test_what_stands_for_no_function_says_why_and_is_counted():
    silent = {step: what for step, what in STANDS_FOR.items() if isinstance(what, NoFunction)}
    assert all(what.why for what in silent.values())
    for instead in get_args(Instead):
        names = sorted(name_of(step) for step, what in silent.items() if what.instead == instead)
        assert names == NO_FUNCTION[instead].split(), instead


def test_a_name_that_the_kernel_lacks_would_be_found():
    assert not holds(load("7.3"), "fs/inode.c:iputt")
    assert not holds(load("7.3"), "fs/dcache.c:iput")
    assert holds(load("7.3"), "fs/inode.c:iput")


def test_the_operation_stays_as_it_is():
    def operation(machine, target):
        return machine, target

    assert stands_for("fs/inode.c:iput")(operation) is operation
    assert STANDS_FOR.pop(operation) == "fs/inode.c:iput"
