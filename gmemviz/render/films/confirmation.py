"""Make the film of a confirmed run: what the kernel did beside the model's run of the Design."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gmemviz.errors import of_kind
from gmemviz.evidence import Confirmation, RecordedRun, recorded_run
from gmemviz.facts import Trace
from gmemviz.render.films.conformity import film_of_conformity
from gmemviz.render.films.film import Film, facts_of, film_of_recording

THREADS: Final = ("actor-", "reader-")
"""Who plays in a run. (gmemviz/record/module/steps.c)"""


def film_of_confirmation(found: Confirmation) -> Film:
    """Return the film of the recorded run beside the model's run of the same scenario.

    Where the one cannot be held against the other, the recording plays alone, and the note
    says why. GmemvizError where nothing was recorded.
    """
    of_kind("found", found, Confirmation)
    run = recorded_run(found)
    facts = facts_of(run.recording)
    if run.beside:
        film = film_of_conformity(run.beside, facts)
    else:
        film = film_of_recording(_played(run.recording), facts=facts)
    note = "; ".join(filter(None, (*_note(found, run), film.note)))
    return replace(film, title=f"{found.release}, {film.title}", note=note)


def _note(found: Confirmation, run: RecordedRun) -> Iterator[str]:
    yield f"{found.judgement} on {found.release}"
    for code, (judged, word) in found.shown.items():
        again = ", said again in the recorded boot" if code in run.again else ""
        yield f"{code} ({judged}{again}): {word.line}"
    if not found.shown:
        yield "the kernel said nothing"
    yield f"the recorded run is {found.recorded_run}, in one more boot"
    if run.alone:
        yield f"the recording plays alone: {run.alone}"


# Neither the mount nor what takes it down: what the driver's threads and RCU did while the run was
# played. The driver writes a mark before each part.
def _played(recording: Trace) -> Trace:
    marks = {text.partition(" ")[0]: at for at, text in reversed(recording.marks)}
    played = recording.events[marks.get("scenario", 0) : marks.get("taking")]
    events = [e for e in played if e.actor.startswith(THREADS) or e.context == "B"]
    return replace(recording, events=tuple(events) or played, marks=())
