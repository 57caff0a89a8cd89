"""gmemviz kernels: the kernels that `record` and `confirm` boot: those here, Debian's, one's own.

`list` says which are here and what each is good for, `fetch` brings Debian's packages by apt and
installs none, `add` takes a kernel that somebody built. Status 0; 2 where a package is gone, a
file is no kernel, or what belongs together is of two releases.
"""

from argparse import Namespace
from pathlib import Path
from typing import Final

from gmemviz.cli.line import Answer, refuse, say
from gmemviz.errors import GmemvizError, choice
from gmemviz.record.kernels import KernelHere, add_kernel, fetch_kernels, known_here

OF_ADD: Final = ("name", "modules", "headers")


def command(arguments: Namespace) -> Answer:
    """Return the kernels that are here, were fetched or added; status 0."""
    deed = choice("deed", arguments.deed or "list", ("list", "fetch", "add"))
    if deed != "add":
        refuse(arguments, f"{deed} adds nothing", OF_ADD, of="add")
    if deed != "fetch":
        refuse(arguments, f"{deed} fetches nothing", ("nearest",), of="fetch")
    found = {"list": _list, "fetch": _fetch, "add": _add}[deed](arguments)
    lines = "\n".join(kernel.line for kernel in found)
    return Answer(lines, [kernel._asdict() for kernel in found], output="kernel")


def _list(arguments: Namespace) -> tuple[KernelHere, ...]:
    if arguments.what:
        raise GmemvizError(f"list takes no more words, and {arguments.what[0]} is one")
    return known_here()


def _fetch(arguments: Namespace) -> tuple[KernelHere, ...]:
    return fetch_kernels(arguments.what, take_nearest=arguments.nearest, progress=say)


def _add(arguments: Namespace) -> tuple[KernelHere, ...]:
    if len(arguments.what) != 1:
        raise GmemvizError("say which IMAGE is to be added, and no more than one")
    added = add_kernel(
        Path(arguments.what[0]),
        name=arguments.name or "",
        modules=arguments.modules,
        headers=arguments.headers,
    )
    return (added,)
