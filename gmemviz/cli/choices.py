"""Read a Design from the command line: a gallery name, a file, five choices, or a state."""

import argparse
from collections.abc import Iterable
from io import TextIOWrapper
from pathlib import Path

from gmemviz.errors import GmemvizError
from gmemviz.facts import kernels
from gmemviz.model import CLEANUPS, METADATA, MOUNTS, PLACEMENTS, Design, design_from_choices
from gmemviz.model.design import LONGEST, TITLE
from gmemviz.study import CHOICES, State, designs, gallery
from gmemviz.whole import open_regular


def add_design(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that name a Design."""
    parser.add_argument("name", nargs="?", help=f"a Design of the gallery: {', '.join(designs())}")
    parser.add_argument(
        "--design", type=Path, metavar="FILE", help="a Design of your own, written in TOML"
    )
    lists: tuple[Iterable[str], ...] = (kernels(), MOUNTS, PLACEMENTS, CLEANUPS, METADATA)
    for name, allowed in zip(CHOICES, lists, strict=True):
        parser.add_argument(f"--{name}", metavar=name.upper(), help=", ".join(allowed))


def add_state(parser: argparse.ArgumentParser) -> None:
    """Add the argument that names a Design, a run of it and a step, for `read_design` too."""
    parser.add_argument(
        "--state", metavar="STRING",
        help="what an Explorer's `state` or the # of an exported page says, such as "
        f"{State((f'guest_memfd-{kernels()[-1]}',), 'last-close', 12)}",
    )  # fmt: skip


def read_design(arguments: argparse.Namespace) -> Design:
    """Return the Design that the arguments name; GmemvizError where they name none."""
    chosen = {name: getattr(arguments, name) for name in CHOICES}
    state: str | None = getattr(arguments, "state", None)
    ways = (arguments.name, arguments.design, any(chosen.values()), state is not None)
    if sum(map(bool, ways)) > 1:
        others = ", or --state STRING" if hasattr(arguments, "state") else ""
        raise GmemvizError(f"give one of a gallery name, --design FILE or the five choices{others}")
    if state is not None:
        return State.parse(state).design
    if arguments.name:
        return gallery(arguments.name)
    if arguments.design:
        return read_file(arguments.design)
    if missing := [f"--{name}" for name, value in chosen.items() if not value]:
        raise GmemvizError(
            f"a Design is a gallery name, --design FILE or five choices; missing: "
            f"{', '.join(missing)}"
        )
    return design_from_choices(**chosen)


def design_files(arguments: argparse.Namespace) -> list[Path]:
    """Return the file that the Design is read from, if it is one."""
    return [arguments.design] if arguments.design else []


def read_file(path: Path) -> Design:
    """Return the Design that a file of TOML says; GmemvizError where it can't be read or meant."""
    try:
        # Some editors begin with a BOM. Characters are counted: bytes may end within one.
        with open_regular(path) as file, TextIOWrapper(file, "utf-8-sig", newline="") as words:
            text = words.read(LONGEST + 1)
    except UnicodeDecodeError:
        raise GmemvizError(f"cannot read {path}: it is not a text file in UTF-8") from None
    except (OSError, ValueError) as error:  # ValueError: a name with a null byte in it
        reason = getattr(error, "strerror", None) or error
        raise GmemvizError(f"cannot read {path}: {reason}") from None
    if len(text) > LONGEST:
        raise GmemvizError(f"cannot read {path}: a Design may have {LONGEST:,} characters")
    return Design.from_text(text, name=path.stem[:TITLE])
