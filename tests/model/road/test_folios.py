"""What becomes of a folio that leaves the page cache, and of the second one beside it."""

import pytest

from gmemviz import Design, check
from gmemviz.model.design import Action
from gmemviz.model.machine import FREED, HELD
from gmemviz.model.road import cells, files, folios, hook_actions
from gmemviz.model.search.run import path_to, steps
from gmemviz.study import designs, gallery
from tests.model.machine.made import design_of, machine_of, target_of

HOOKED = design_of(more='hooks.free_folio = ["read tree"]')
EMPTY = design_of(more="hooks.free_folio = []")
KEEPING = design_of("folio", more='hooks.free_folio = ["free tree"]')


def filled(design, count, **values):
    """Return a Target of task and a Machine with so many folios in the page cache."""
    t = target_of(design, actor="task")
    m = machine_of(t, **values)
    for _ in range(count):
        files.add_folio(m, t)
    return t, m


@pytest.mark.parametrize("count", [0, 1, 2])
def test_each_folio_is_shown_before_it_is_put(count):
    t, m = filled(HOOKED, count)
    assert m["inode.nrpages"] == count
    hook_actions.truncate(m, t)
    assert m["inode.nrpages"] == 0
    shown = 0
    while m.register:
        # Out of the page cache, and memory still: that is what free_folio is given.
        assert [m[each.folio] for each in t.each_folio].count(HELD) == count - shown
        folios.put_next(m, t)
        shown += 1
    assert shown == count
    assert [m[each.folio] for each in t.each_folio].count(FREED) == count


def test_without_free_folio_they_go_at_once():
    t, m = filled(design_of("folio"), 2)
    hook_actions.truncate(m, t)
    assert (m["folio"], m["folio 2"], m["tree"], m["tree of folio 2"]) == (FREED,) * 4


def test_a_pinned_folio_outlives_its_put_and_a_batch_outlives_the_pin():
    t, m = filled(HOOKED, 1, pinned=1)
    hook_actions.truncate(m, t)
    folios.put_next(m, t)
    assert m["folio"] == HELD
    files.unpin(m, t)
    assert m["folio"] == FREED
    t, m = filled(HOOKED, 1, pinned=1)
    hook_actions.truncate(m, t)
    files.unpin(m, t)
    assert m["folio"] == HELD
    folios.put_next(m, t)
    assert m["folio"] == FREED


def test_where_a_ops_are_empty_no_free_folio_is_called():
    design = design_of(more='hooks.free_folio = ["read tree"]\nerror_path = ["add page"]')
    for is_set, called in ((0, 0), (1, 1)):
        t, m = filled(design, 1, inode__a_ops=is_set)
        hook_actions.truncate(m, t)
        assert m.register == called
        assert m["folio"] == (HELD if called else FREED)
    assert not cells.asks_a_ops(target_of(HOOKED))


def test_a_third_folio_is_beyond_what_a_run_has():
    t, m = filled(KEEPING, 3)
    assert m["inode.nrpages"] == 2
    assert not folios.has_room(m, t)
    m["folio"] = FREED
    assert folios.has_room(m, t)
    assert folios.next_free(m, t).folio == "folio"


def test_a_program_touches_a_page_or_not():
    m = machine_of(target_of())
    folios.go_on(m, target_of())
    assert m.register == 1
    folios.leave_off(m, target_of())
    assert m.register == 0


def test_an_action_works_on_the_folio_that_is_shown_or_on_each():
    t, m = filled(KEEPING, 2)
    free = Action.parse("free tree", {"tree": KEEPING.keeps[0].kind})
    on_each = folios.on_folios(free, "evict_inode", t)
    ways = folios.working_on(on_each, hook_actions.operations(free, "evict_inode", t))
    ways[0](m, t)
    assert (m["tree"], m["tree of folio 2"]) == (FREED, FREED)

    t, m = filled(KEEPING, 2)
    hook_actions.truncate(m, t)
    on_shown = folios.on_folios(free, "free_folio", t)
    (way,) = folios.working_on(on_shown, hook_actions.operations(free, "free_folio", t))
    way(m, t)
    assert (m["tree"], m["tree of folio 2"]) == (FREED, HELD)
    folios.put_next(m, t)
    way(m, t)
    assert m["tree of folio 2"] == FREED


def test_a_callback_works_on_what_it_has_with_it_and_one_folio_is_the_first():
    free = Action.parse("free tree", {"tree": KEEPING.keeps[0].kind})
    assert folios.on_folios(free, "callback later", target_of(KEEPING)) is None
    assert folios.on_folios(free, "evict_inode", target_of(design_of())) is None
    ways = (hook_actions.truncate,)
    assert folios.working_on(None, ways) == ways


# --- how many folios a run has --------------------------------------------------------------


@pytest.mark.parametrize(
    ("design", "most"),
    [
        (design_of(), 1),
        (EMPTY, 1),
        (HOOKED, 2),
        (design_of("folio"), 2),
        (design_of("folio", more="filled = false"), 1),
        (design_of(more='hooks.evict_inode = ["truncate", "add page", "clear_inode"]'), 2),
    ],
)
def test_two_folios_are_searched_where_they_are_not_as_one(design, most):
    assert design.folios == most
    assert len(target_of(design).each_folio) == most


ALIKE = [name for name in designs() if gallery(name).folios == 1]


@pytest.mark.parametrize("name", ALIKE)
def test_where_they_are_as_one_two_folios_have_the_same_verdict(name, monkeypatch):
    design = gallery(name)
    with_one = check(design)
    monkeypatch.setattr(Design, "folios", 2)
    with_two = check(design)
    assert with_two.defects == with_one.defects
    assert with_two.states > with_one.states or not design.filled


def test_what_two_folios_show_one_does_not(monkeypatch):
    design = Design.from_text("""
        name = "frees what the inode owns"
        kernel = "7.3"
        mount = "own"
        metadata.state = { placement = "i_private" }
        hooks.free_folio = ["free state"]
    """)
    assert check(design).defects == ("double-free", "leak")
    report = check(design)
    run = steps(report.path("double-free"), report.facts)
    entered = [step for step in run if step.event.sentence == "your_free_folio runs as free_folio."]
    assert len(entered) == 2
    monkeypatch.setattr(Design, "folios", 1)
    assert check(design).defects == ("leak",)


@pytest.mark.parametrize("name", ["guest_memfd-6.12", "guest_memfd-7.3", "secretmem-7.3"])
def test_a_real_filesystem_is_shown_each_folio_while_it_is_there(name):
    for search in check(gallery(name)).explorations:
        states = [search.world.cells(state) for state in search.came_from]
        is_filled = any(state["folio.mapping"] for state in states)
        facts = search.world.programs[0].target.facts
        run = tuple(steps(path_to(search, search.ended), facts))
        shown = [at for at, step in enumerate(run) if step.event.hook == "free_folio"]
        freed = [at for at, step in enumerate(run) if "folio" in step.freed]
        assert len(shown) == len(freed) == is_filled  # never without a folio
        assert shown <= freed
