"""Runs of the model that stand for recordings."""

from random import Random

from gmemviz.evidence.validate.chosen import as_file
from gmemviz.facts import load
from gmemviz.model import SCENARIOS
from gmemviz.study import gallery
from tests.evidence.recorded_runs import random_path, recording

MARKS = {
    "last-close": "close",
    "o-path": "close-opath",
    "igrab": "rm-watch",
    "root-inode": "umount",
    "module-unload": "rmmod",
}


def runs(name, scenario, count, seed=0):
    """Yield (Design, run, its recording) for runs that the scenario's mark fits."""
    random = Random(f"{name} {scenario} {seed}")  # noqa: S311 (the same runs every time)
    design = as_file(gallery(name))  # what was recorded is a regular file's
    if not SCENARIOS[scenario].asks(design):
        return
    names = sorted(load(design.kernel).functions)
    for number in range(count):
        path = random_path(design, scenario, random)
        filtered = None if number % 2 == 0 else set(random.sample(names, len(names) // 2))
        trace = recording(path, MARKS[scenario], filtered)
        if trace:
            yield design, path, trace
