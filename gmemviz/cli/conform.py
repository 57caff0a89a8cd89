"""gmemviz conform: hold a recording of a real kernel against a Design."""

import argparse
import json
from pathlib import Path
from typing import Any

from gmemviz.cli.choices import read_file
from gmemviz.cli.sources import is_there
from gmemviz.cli.status import FINE, FOUND, UNDECIDED
from gmemviz.evidence.validate import conform
from gmemviz.facts import Trace
from gmemviz.model import Design
from gmemviz.record import load_recording, read, recordings
from gmemviz.study import designs, gallery


def add_parser(commands: Any) -> None:
    """Add the command to the command line's parser."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "conform", help="hold a recording of a real kernel against a Design",
        description="Say whether the inode that a recording follows went as the model of a Design "
        "may go, and show the first event that did not; exit with 1 if there is one, "
        "with 3 if nothing of it can be compared.",
    )  # fmt: skip
    parser.add_argument(
        "recording", help=f"a file of function_graph text, or one of {', '.join(recordings())}"
    )
    parser.add_argument(
        "--design", metavar="NAME|FILE",
        help="a Design of the gallery or a file of TOML (else the filesystem's own): "
        f"{', '.join(designs())}",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    design = _design(arguments.design) if arguments.design else None
    found = conform(_recording(arguments.recording), design)
    if arguments.json:
        print(json.dumps(found.answer(), indent=2))
    else:
        print(found.text, end="")
    if not found.conforms:
        return FOUND
    return FINE if found.matched else UNDECIDED  # nothing of it could be compared


def _recording(name: str) -> Trace:
    # A file is one that is there, or that is meant by its name: it has a folder or an ending.
    path = Path(name)
    if name in recordings() and not is_there(name):
        return load_recording(name)
    if is_there(name) or path.suffix in (".txt", ".xz", ".gz") or len(path.parts) > 1:
        return read(path)
    return load_recording(name)


def _design(name: str) -> Design:
    path = Path(name)
    if name not in designs() and (is_there(name) or path.suffix == ".toml"):
        return read_file(path)
    return gallery(name)
