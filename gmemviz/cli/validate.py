"""gmemviz validate: hold a recording of a real kernel against a Design.

The answer is each event of the inode that the recording follows, with whether the model of the
Design could go so, and the first event that it could not. Status 0 where it conforms; 1 where one
event does not; 3 where it conforms as far as it goes, since the recording has holes or does not say
what was watched, or where nothing of it can be compared.
"""

from argparse import Namespace
from pathlib import Path

from gmemviz.cli.line import Answer, given_facts, is_there, named_design, of_verdict, read_file
from gmemviz.cli.staged import write_recorded
from gmemviz.evidence.validate import CONFORMS, validate
from gmemviz.facts import Trace
from gmemviz.model import Design
from gmemviz.record import load_recording, recordings
from gmemviz.record.inode import read_inode
from gmemviz.study import designs


def command(arguments: Namespace) -> Answer:
    """Return how far a recording goes as the model may: status 0 all of it, 1 not, 3 in part."""
    design = _design(arguments.design) if arguments.design else None
    inode = arguments.inode or ""
    recording = _recording(arguments.recording, inode)
    write_recorded(arguments, recording)
    found = validate(recording, design, facts=given_facts(arguments), inode=inode)
    status = of_verdict(is_found=not found.conforms, is_decided=found.verdict == CONFORMS)
    return Answer(found.text, found.answer(), status, output="validation")


def _recording(name: str, inode: str) -> Trace:
    # A file is one that is there, or that is meant by its name: it has a folder or an ending.
    path = Path(name)
    if name in recordings() and not is_there(name):
        return load_recording(name)
    if is_there(name) or path.suffix in (".txt", ".xz", ".gz") or len(path.parts) > 1:
        return read_inode(path, inode=inode)
    return load_recording(name)


def _design(name: str) -> Design:
    # Here a file may have any name that no Design of the gallery has.
    is_own_file = name not in designs() and is_there(name)
    return read_file(Path(name)) if is_own_file else named_design(name)
