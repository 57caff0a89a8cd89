"""Make the film of a confirmed run: what the kernel did beside the model's run of the Design."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gmemviz.errors import GmemvizError, of_kind
from gmemviz.evidence import Said, heard
from gmemviz.evidence.confirm import Confirmation
from gmemviz.evidence.validate import Conformity, conform
from gmemviz.facts import Facts, Trace, kernel_of_release, load
from gmemviz.record.boot import console_of
from gmemviz.render.films.conformity import film_of_conformity
from gmemviz.render.films.film import Film, film_of_recording

NOT_ASKED: Final = "confirm the Design with record=True"

THREADS: Final = ("actor-", "reader-")
"""Who plays in a run. (gmemviz/record/module/steps.c)"""


def film_of_confirmation(found: Confirmation) -> Film:
    """Return the film of the recorded run beside the model's run of the same scenario.

    Where conform cannot hold the one against the other, the recording plays alone, and the note
    says why. GmemvizError where nothing was recorded.
    """
    of_kind("found", found, Confirmation)
    if found.recording is None:
        raise GmemvizError(f"there is no recording: {found.unrecorded or NOT_ASKED}")
    facts = facts_of(found.recording)
    why = ""
    try:
        held = conform(found.recording, found.report.design)
        film = film_of_conformity(_with_word(held, found), facts)
    except GmemvizError as error:
        film = film_of_recording(_alone(found.recording), facts=facts)
        why = f"the recording plays alone: {error}"
    note = "; ".join(filter(None, (*_note(found), why, film.note)))
    return replace(film, title=f"{found.release}, {film.title}", note=note)


# What init counts is not in the recording: then it is the word of the boot that judged.
def _with_word(held: Conformity, found: Confirmation) -> Conformity:
    if held.ended or not held.defect or held.defect not in found.shown:
        return held
    run, word = found.shown[held.defect]
    line = f"{word.line} (in the boot that judged, in the run {run})"
    return replace(held, ended=Said(len(held.recorded.events), held.defect, line))


def facts_of(trace: Trace) -> Facts | None:
    """Return the shipped facts of a recording's kernel, such as 7.3 for 7.3.4+deb13, or None."""
    kernel = kernel_of_release(trace.kernel)
    return load(kernel) if kernel else None


def _note(found: Confirmation) -> Iterator[str]:
    yield f"{found.judgement} on {found.release}"
    console = console_of(found.recording) if found.recording else ()
    said = {word.code for _, line in console for word in heard((line,))}
    for code, (run, word) in found.shown.items():
        again = ", said again in the recorded boot" if code in said else ""
        yield f"{code} ({run}{again}): {word.line}"
    if not found.shown:
        yield "the kernel said nothing"
    yield f"the recorded run is {found.recorded_run}, in one more boot"


# What conform cannot follow: what the driver's threads and RCU did while the run was played.
def _alone(recording: Trace) -> Trace:
    marks = {text.partition(" ")[0]: at for at, text in reversed(recording.marks)}
    played = recording.events[marks.get("scenario", 0) : marks.get("taking")]
    events = (one for one in played if one.actor.startswith(THREADS) or one.context == "B")
    return replace(recording, events=tuple(events) or played, marks=())
