"""Hold the recorded run of a confirmed Design against the model's run of it."""

from dataclasses import replace
from typing import Final, NamedTuple

from gmemviz.errors import GmemvizError
from gmemviz.evidence.confirm import Confirmation
from gmemviz.evidence.console import heard
from gmemviz.evidence.recorded_console import Said
from gmemviz.evidence.validate import Conformity, conform
from gmemviz.facts import Trace
from gmemviz.model.design import DefectCode
from gmemviz.record.boot import console_of

NOT_ASKED: Final = "confirm the Design with record=True"


class RecordedRun(NamedTuple):
    """Give the recorded run of a Confirmation, held against the model.

    `beside` is None where that cannot be done, and `alone` says why. `again` are the codes that the
    console of the recorded boot shows, too: another boot than the one that judged.
    """

    recording: Trace
    beside: Conformity | None
    alone: str
    again: frozenset[DefectCode]


def recorded_run(found: Confirmation) -> RecordedRun:
    """Return the recorded run beside the model's; GmemvizError where nothing was recorded."""
    recording = found.recording
    if recording is None:
        raise GmemvizError(f"there is no recording: {found.unrecorded or NOT_ASKED}")
    again: set[DefectCode] = set()
    for _, line in console_of(recording):
        again.update(word.code for word in heard((line,)))
    try:
        beside = _with_word(conform(recording, found.report.design), found)
    except GmemvizError as error:
        return RecordedRun(recording, None, str(error), frozenset(again))
    return RecordedRun(recording, beside, "", frozenset(again))


# What init counts is not in the recording: then it is the word of the boot that judged.
def _with_word(beside: Conformity, found: Confirmation) -> Conformity:
    if beside.ended or not beside.defect or beside.defect not in found.shown:
        return beside
    run, word = found.shown[beside.defect]
    line = f"{word.line} (in the boot that judged, in the run {run})"
    return replace(beside, ended=Said(len(beside.recorded.events), beside.defect, line))
