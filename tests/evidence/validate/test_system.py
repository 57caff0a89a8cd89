"""What the model may do next, and what of that a recording would show."""

from gmemviz.evidence.validate.alphabet import Seen
from gmemviz.evidence.validate.entries import Entries
from gmemviz.evidence.validate.system import System
from gmemviz.facts import load
from gmemviz.facts.records import Event, Trace
from gmemviz.model import SCENARIOS, Design
from gmemviz.model.search import world_of
from gmemviz.study import gallery


def system(name="guest_memfd-7.3", shown=None, start="iput"):
    design = gallery(name) if isinstance(name, str) else name
    facts = load(design.kernel)
    entries = Entries(world_of(design, SCENARIOS["last-close"], facts))
    filtered = entries.names if shown is None else shown
    events = tuple(whole(entries, filtered))
    seen = Seen(Trace("all", design.kernel, "recorded", events), facts, entries.names)
    starts = {road for road in entries.roads() if entries.entry(road).function == start}
    return System(entries, seen, frozenset(starts))


def whole(entries, filtered):
    """Yield each call of the model once, so that a function is seen below its caller."""
    for actor, code in enumerate(entries.codes):
        for entry, above in zip(code.entries, code.above, strict=True):
            if entry.function in filtered:
                depth = sum(code.entries[number].function in filtered for number in above)
                yield Event(entry.function, f"a{actor}", entry.context, depth, hook=entry.hook)


def reached(found, configs):
    """Return all configurations that come of some without a step that shows."""
    configs = list(configs)
    for config in configs:  # grows as it goes
        configs += [after for _, after in found.silent(config) if after not in configs]
    return configs


def shown(found, configs):
    return {found.entries.entry(where).function for one in configs for _, where in found.shown(one)}


def test_before_the_road_begins_only_its_first_function_shows():
    found = system()
    configs = reached(found, [found.first()])
    assert shown(found, configs) == {"iput"}
    assert all(config.start is None for config in configs)


def entered(found, configs, function):
    return [
        after
        for config in configs
        for following, where in found.shown(config)
        if found.entries.entry(where).function == function
        for _, after in found.enter(config, following, where)
    ]


def test_once_it_has_begun_what_follows_shows_one_after_the_other():
    found = system()
    configs = entered(found, reached(found, [found.first()]), "iput")
    assert {found.entries.entry(config.start).function for config in configs} == {"iput"}
    assert shown(found, reached(found, configs)) == {"iput_final"}


def test_what_the_recording_has_nowhere_is_silent():
    names = system().entries.names - {"iput_final", "inode_generic_drop"}
    found = system(shown=names)
    configs = entered(found, reached(found, [found.first()]), "iput")
    assert shown(found, reached(found, configs)) == {"evict"}


def test_folios_may_be_none_or_many():
    found = system()
    configs = reached(found, [found.first()])
    road = ["iput", "iput_final", "inode_generic_drop", "evict"]
    for function in road:
        configs = reached(found, entered(found, configs, function))
    # A function that acts at once and shows is entered with its Act: truncation, then the folio.
    configs = reached(found, entered(found, configs, "truncate_inode_pages_final"))
    assert {"kvm_gmem_free_folio", "clear_inode"} <= shown(found, configs)
    again = reached(found, entered(found, configs, "kvm_gmem_free_folio"))
    assert {"kvm_gmem_free_folio", "clear_inode"} <= shown(found, again)


def test_a_run_is_over_where_nothing_is_left_to_happen():
    found = system(shown=())
    configs = reached(found, [found.first()])
    over = [config for config in configs if found.is_over(config)]
    assert over
    assert not found.is_over(found.first())
    assert not any(list(found.silent(config)) for config in over)


def test_what_is_left_at_the_end_is_a_defect():
    assert left("guest_memfd-7.3") == set()
    leaky = Design.from_text("""
        name = "leaky"
        kernel = "7.3"
        mount = "own"
        metadata.tree = { placement = "i_private" }
    """)
    assert left(leaky) == {"leak"}


def left(design):
    found = system(design, shown=())
    over = [config for config in reached(found, [found.first()]) if found.is_over(config)]
    return {defect.code for defect in map(found.held, over) if defect}


def test_a_step_that_ends_a_run_is_told_with_its_defect():
    found = system("mappability-v5", shown=())
    ends = [end for config in reached(found, [found.first()]) for end in found.failures(config)]
    assert {defect.code for _, _, defect in ends} == {"crash"}
