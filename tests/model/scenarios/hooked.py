"""Designs for the tests of scenarios, and the hooks that a run of theirs enters."""

from gmemviz import Design
from gmemviz.model import SCENARIOS, check, design_from_choices
from gmemviz.model.search.run import path_to, steps


def all_hooks(**changes):
    """Return a Design that sets every hook of super_operations, and frees in each as it should."""
    table = {
        "kernel": "7.3", "mount": "own", "metadata": {"shared_policy": "containing-struct"},
        "hooks": {
            "alloc_inode": ["alloc container", "init shared_policy"],
            "drop_inode": ["return 1"],
            "evict_inode": ["truncate", "clear_inode"],
            "destroy_inode": ["free shared_policy"],
            "free_inode": ["free struct"],
            **changes,
        },
    }  # fmt: skip
    return Design.from_table("all hooks", table)


def hooks_in(design, scenario):
    """Return (hook, context) as a run of `scenario` enters them, and its defects."""
    report = check(design, scenarios=[SCENARIOS[scenario]])
    exploration = report.explorations[0]
    run = [s.event for s in steps(path_to(exploration, exploration.ended), report.facts)]
    seen = list(dict.fromkeys((event.hook, event.context) for event in run if event.hook))
    return [(hook, context) for hook, context in seen if hook != "alloc_inode"], report.defects


def functions_of_all_runs(report):
    exploration = report.explorations[0]
    programs = exploration.world.programs
    return {programs[move.actor].act(move.act).place.function for _, move, _ in exploration.moves}


def cell(cleanup, metadata, placement="containing-struct"):
    return design_from_choices(
        kernel="6.12", mount="own", placement=placement, cleanup=cleanup, metadata=metadata
    )
