"""Time: calls nest as the steps tell, chains are one slice, and waits for RCU have a length."""

from gmemviz import check, design_from_choices
from gmemviz.model.search import steps
from gmemviz.stage.memory import scene
from gmemviz.stage.timeline import actors_of, calls, is_wait, timeline

LATE = {
    "kernel": "6.12", "mount": "own", "placement": "i_private_data", "cleanup": "free-all",
    "metadata": "hugetlb-subpool",
}  # fmt: skip


def played(code, **cell):
    report = check(design_from_choices(**cell))
    path = report.path(code)
    run = tuple(steps(path, report.facts))
    return path, run, timeline(path, run, scene(path.world, run, report.facts).frames, [])


def everything(call):
    yield call
    for inner in call.calls:
        yield from everything(inner)


def test_a_call_lies_within_its_caller_and_a_step_in_one_call():
    _, run, _ = played("late-release", **LATE)
    own = []
    for actor in actors_of(run):
        for root in calls(run, actor):
            for call in everything(root):
                own += call.own
                for inner in call.calls:
                    assert call.begin <= inner.begin <= inner.end <= call.end
                    assert inner.depth == call.depth + 1
    ran = [at for at, step in enumerate(run) if step.event.context != "?"]
    assert sorted(own) == ran


def test_a_caller_without_a_step_of_its_own_is_there():
    """alloc_anon_inode is the first step, at depth 1: `create`, which calls it, has none before."""
    _, run, _ = played("late-release", **LATE)
    first = calls(run, "task")[0]
    assert (run[0].event.function, run[0].event.depth) == ("alloc_anon_inode", 1)
    assert (first.function, first.begin) == ("create", 0)


def test_the_way_down_is_one_slice():
    _, _, time = played("late-release", **LATE)
    chains = [each.path for each in time.slices if len(each.path) > 1]
    assert chains[0][0] == "close(2)"
    assert chains[0][-2:] == ("iput_final", "evict")
    assert len(time.slices) < 15  # of 43 steps


def test_what_the_design_does_has_a_slice_with_its_own_word():
    _, _, time = played("late-release", **LATE)
    yours = [each.path for each in time.slices if each.is_yours]
    assert yours == [("your_free_inode",), ("free hugetlb-subpool",)]


def test_the_wait_goes_from_call_rcu_to_the_callback():
    """Not to the end of the grace period: the refusal comes after that, and before the callback."""
    _, run, time = played("late-release", **LATE)
    (band,) = time.bands
    assert run[band.begin - 1].event.function == "call_rcu"
    assert run[band.end + 1].event.function == "i_callback"
    grace = [at for at, step in enumerate(run) if step.event.function == "grace period"]
    refused = [at for at, step in enumerate(run) if "refused" in step.event.sentence]
    assert band.begin <= grace[0] < refused[0] <= band.end


def test_a_read_side_is_a_band_of_its_reader():
    cell = LATE | {"cleanup": "destroy-frees-now", "metadata": "rcu-blob"}
    _, run, time = played("use-after-free", **cell)
    (band,) = [each for each in time.bands if each.kind == "read"]
    assert band.actor == "reader"
    assert band.end == len(run) - 1  # it is still inside when it reads what is freed


def test_lives_end_where_memory_is_freed():
    cell = LATE | {"cleanup": "evict-before-truncate"}
    _, run, time = played("use-after-free", **cell)
    lives = {life.object: life.parts for life in time.lives}
    (_, held, freed) = lives["hugetlb-subpool"]
    assert (held[0], freed[0]) == ("allocated", "freed")
    assert "hugetlb-subpool" in run[freed[1]].freed


def test_a_cell_that_waits_is_known_by_its_name():
    assert is_wait("xattrs after a grace period")
    assert is_wait("callback free_it")
    assert not is_wait("xattrs in a worker")
