"""Refuse the name of a function or of a hook that a kernel's facts do not have."""

from collections.abc import Iterable

from gmemviz.errors import UnknownNameError, meant, shown
from gmemviz.facts.snapshot import Facts


def no_function(facts: Facts, name: str, called: Iterable[str]) -> UnknownNameError:
    """Return the error for a function that the facts neither define nor have in `called`."""
    near = meant(name, (*facts.functions, *sorted(called)))
    return UnknownNameError(f"no function {shown(name)} in the facts of {facts.kernel}{near}")


def no_hook(facts: Facts, hook: str, hooks: Iterable[str]) -> UnknownNameError:
    """Return the error for what is neither a function nor one of `hooks`."""
    near = meant(hook, (*sorted(set(hooks)), *facts.functions))
    return UnknownNameError(
        f"no function and no hook {shown(hook)} in the facts of {facts.kernel}{near}"
    )


def no_member(facts: Facts, hook: str, struct: str) -> UnknownNameError:
    """Return the error for a hook that a struct does not have, or for a struct not known."""
    structs = sorted({of for of, _ in facts.fields})
    members = sorted(name for of, name in facts.fields if of == struct)
    near = meant(hook, members) if members else meant(struct, structs)
    said = f"no hook {shown(hook)} of struct {shown(struct)} in the facts of {facts.kernel}"
    return UnknownNameError(f"{said}{near}")
