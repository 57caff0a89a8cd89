"""Make recordings out of runs of the model: what a tracer with some filter would have shown."""

from gmemviz.facts import load
from gmemviz.facts.records import Event, Trace
from gmemviz.model import SCENARIOS, Path
from gmemviz.model.machine.heap import DefectFound, Machine
from gmemviz.model.machine.state import progress
from gmemviz.model.search.moves import Move, apply
from gmemviz.model.search.run import steps
from gmemviz.model.search.world import world_of

# Without these no inode is followed.
ALWAYS = frozenset({"__fput", "dput", "iput", "evict", "kern_unmount"})


def random_path(design, scenario, random):
    """Return a run to its end, one random move after the other."""
    world = world_of(design, SCENARIOS[scenario], load(design.kernel))
    states, moves = [world.start], []
    while choices := list(moves_from(world, states[-1])):
        move, after = random.choice(choices)
        states.append(after)
        moves.append(move)
    return Path(world, tuple(states), tuple(moves))


def moves_from(world, state):
    cells = Machine(world.cells(state), "P")
    for actor, program in enumerate(world.programs):
        step = program.after(progress(state, actor))
        if step is None or (step.act.guard and not step.act.guard(cells, program.target)):
            continue
        for way in range(len(step.act.operations)):
            move = Move(actor, step.number, way)
            try:
                yield move, apply(world, state, move, cells)[0]
            except DefectFound:
                continue


def recording(path, mark, filtered=None):
    """Return a Trace of the functions entered, those that the kernel has and `filtered` names.

    A hook of a function that the kernel does not have is shown as well. None where no inode
    is evicted in the way that the mark asks for.
    """
    facts = load(path.world.design.kernel)
    events, first, stacks = [], None, {}
    for step in steps(path, facts):
        place, stack = step.place, stacks.setdefault(step.event.actor, [])
        stack[:] = [one for one in stack if one[0].depth <= place.depth]
        if stack and stack[-1][0] == place:
            continue  # an act of the function that runs
        stack[:] = [one for one in stack if one[0].depth < place.depth]
        if not place.caller:
            stack.clear()
        is_hook = bool(place.hook) and place.op == place.hook
        known = facts.has_function(place.function) and step.event.context != "?"
        is_own = place.function == path.world.design.creator
        named = filtered is None or place.function in filtered or place.function in ALWAYS
        is_shown = (known and named and not is_own) or (is_hook and not known)
        depth = sum(shown for _, shown, _ in stack)
        stack.append((place, is_shown, len(events)))
        if is_shown:
            context = "L" if step.event.context == "A" else step.event.context
            events.append(Event(place.function, step.event.actor, context, depth))
            if place.function == "evict" and first is None:
                first = _begin(stack, mark)
    if first is None:
        return None
    return Trace("a run", facts.release, "recorded", tuple(events), ((first, mark),))


def _begin(stack, mark):
    shown = [(place.function, at) for place, is_shown, at in stack if is_shown]
    if mark.startswith("close"):
        shown = [one for one in shown if one[0] == "__fput"][-1:]
    return shown[0][1] if shown else None
