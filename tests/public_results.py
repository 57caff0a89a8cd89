"""What each public name gives: one call a name, and the least that it can be asked."""

import lzma
from contextlib import ExitStack
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import gmemviz
from gmemviz import (
    evidence,
    extract,
    facts,
    model,
    page,
    probe,
    record,
    render,
    study,
    translate,
    widget,
)
from gmemviz.facts.records import Event
from gmemviz.model import SCENARIOS
from gmemviz.model.drive.drive import drive
from gmemviz.page.page import Made
from gmemviz.record.boot import Provoked
from gmemviz.record.boot.kernel_images import KernelImage
from gmemviz.record.text.files import DATA
from gmemviz.render.calls import graph_of_recording

CHOICES = {
    "kernel": "7.3", "mount": "own", "placement": "i_private", "cleanup": "none",
    "metadata": "resv_map",
}  # fmt: skip
CELL = tuple(CHOICES.values())
MADE = Made("0")
KERNEL = KernelImage(Path("vmlinuz"), None, "7.3.0")


@cache
def made(name):
    return MAKES[name]()


MAKES = {
    "facts": lambda: facts.load("7.3"),
    "design": lambda: study.gallery("rfc-v1-free_inode"),
    "report": lambda: model.check(made("design"), keep_moves=True),
    "path": lambda: made("report").counterexample,
    "recording": lambda: record.load_recording("7.3-gmem"),
    "followed": lambda: record.follow(made("recording")),
    "comparison": lambda: study.compare(made("design"), study.gallery("guest_memfd-7.3")),
    "conformity": lambda: evidence.conform(made("recording")),
    "synthesis": lambda: study.designs_for(["flags"], kernel="7.3"),
    "probed": lambda: probe.load_report("7.3"),
    "matrix": lambda: study.matrix(["7.3"], mounts=["own"]),
    "film": lambda: render.film_of_report(made("report")),
    "state": lambda: study.State.parse("guest_memfd-7.3/last-close/12"),
}  # fmt: skip


def text_of(name):
    return lzma.decompress((DATA / f"{name}.txt.xz").read_bytes()).decode()


def without_qemu(module, **instead):
    """Put what a kernel would have said in place of building and booting one."""
    found = import_module(module)
    stack = ExitStack()
    for name, value in {"find_kernel": KERNEL, **instead}.items():
        made_up = {"side_effect": value} if callable(value) else {"return_value": value}
        stack.enter_context(patch.object(found, name, **made_up))
    return stack


def record_gmem():
    with without_qemu("gmemviz.record.boot.session", run=text_of("7.3-gmem")):
        return record.record("gmem", kernel="7.3")


def judged(recorded=None):
    confirming = import_module("gmemviz.evidence.confirm.confirm")
    design = model.design_from_choices(**CHOICES)
    found = confirming.confirmation(design, "7.3.4", {})
    instead = {"need_qemu": None, "_judged": (found, b"")}
    if recorded:
        instead |= {"record_judged": text_of(recorded), "choose_run": found.heard[0].run}
    with without_qemu("gmemviz.evidence.confirm.confirm", **instead):
        return evidence.confirm(design, record=bool(recorded))


def confirm_one_cell():
    kernel = type("KernelImage", (), {"release": "7.3.4"})()
    instead = {
        "find_kernel": kernel, "need_qemu": None, "_built": (b"", {}), "build_guest": b"",
        "_beside": {},
    }  # fmt: skip
    with without_qemu("gmemviz.evidence.confirm.cells", **instead):
        return evidence.confirm_cells("7.3", only=[CELL])


def confirm_overlay():
    played = Provoked({"umount": ("gmemviz: comes to umount",)}, {"rmmod": "it is built in"})
    with without_qemu("gmemviz.evidence.confirm.filesystem", find_kernel=KERNEL, provoke=played):
        return evidence.confirm_filesystem("overlay", kernel="7.3")


def page_of_comparison():
    both = [model.check(one.design, keep_moves=True) for one in both_reports()]
    return page.page_of_comparison(study.Comparison(*both), made=MADE)


def both_reports():
    return made("comparison").a, made("comparison").b


def extracted():
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "fs").mkdir()
        (folder / "Makefile").write_text("VERSION = 9\nPATCHLEVEL = 8\nSUBLEVEL = 7\n")
        (folder / "fs/inode.c").write_text("void start(void)\n{\n\tstop();\n}\n")
        return extract.extract(folder, roots=["start"])


RESULTS = {
    # facts
    "facts.Census": lambda: [facts.census(made("facts"))],
    "facts.Diff": lambda: [facts.diff(facts.load("6.12"), made("facts"))],
    "facts.Edge": lambda: facts.callees(made("facts"), "evict"),
    "facts.Facts": lambda: [made("facts"), made("facts").function("evict")],
    "facts.Slot": lambda: facts.setters(made("facts"), "evict_inode"),
    "facts.callees": lambda: [facts.callees(made("facts"), "evict", depth=3)],
    "facts.callers": lambda: [facts.callers(made("facts"), "iput", depth=2)],
    "facts.census": lambda: [facts.census(made("facts"))],
    "facts.census_frame": lambda: [facts.census_frame(facts.census(made("facts")))],
    "facts.defaults": lambda: [facts.defaults(made("facts"), "destroy_inode")],
    "facts.diff": lambda: [facts.diff(facts.load("6.12"), made("facts"))],
    "facts.frame": lambda: [facts.frame(facts.callees(made("facts"), "evict"))],
    "facts.kernels": lambda: [facts.kernels()],
    "facts.snapshots": lambda: [facts.snapshots()],
    "facts.load": lambda: [facts.load("6.12"), facts.load("7.3")],
    "facts.reached": lambda: [facts.reached(made("facts"), "evict_inode")],
    "facts.road": lambda: [
        facts.road(made("facts"), "iput", "i_callback"), facts.road(made("facts"), "i_callback", "iput")
    ],
    "facts.filesystem_names": lambda: [facts.filesystem_names(made("facts"))],
    "facts.setters": lambda: [facts.setters(made("facts"), "evict_inode")],
    "facts.through": lambda: [facts.through(made("facts"), "evict_inode")],
    "extract.extract": lambda: [extracted()],
    # probe and record
    "probe.ask_kernel": lambda: [probe.ask_kernel()],
    "probe.ask_or_load": lambda: [probe.ask_or_load()],
    "probe.experiments": lambda: [probe.experiments()],
    "probe.load_report": lambda: [
        *map(probe.load_report, probe.reports()), *made("probed").observations[:9]
    ],
    "probe.perform": lambda: [*made("probed").experiments, probe.perform("no-such-thing")]
    if "no-such-thing" in probe.experiments() else made("probed").experiments,
    "probe.reports": lambda: [probe.reports()],
    "record.events": lambda: islice(record.events(DATA / "7.3-gmem.txt.xz"), 9),
    "record.follow": lambda: [made("followed")],
    "record.load_recording": lambda: [made("recording"), *made("recording").events[:9]],
    "record.parse": lambda: [record.parse(text_of("7.3-gmem"), title="t" * 999)],
    "record.read": lambda: [record.read(DATA / "7.3-kvm-unload.txt.xz")],
    "record.record": lambda: [record_gmem()],
    "record.recordings": lambda: [record.recordings()],
    # model
    "model.Action": lambda: [action for _, body in made("design").hooks for action in body],
    "model.Design": lambda: [made("design")],
    "model.Kept": lambda: made("design").keeps,
    "model.Path": lambda: [made("path")],
    "model.Report": lambda: [made("report"), *made("report").explorations, *made("report").run],
    "model.Scenario": SCENARIOS.values,
    "model.check": lambda: [
        made("report"),
        model.check(made("design"), limit=9),
        model.check(made("design"), scenarios=[SCENARIOS["module-exit"]]),
        model.check(model.design_from_choices(**{**CHOICES, "placement": "i_private-flags"})),
    ],
    "model.design_from_choices": lambda: [model.design_from_choices(**CHOICES)],
    "model.hooks_of": lambda: [model.hooks_of({"evict_inode": ("truncate", "clear_inode") * 9})],
    "model.trace": lambda: [model.trace(made("path"), made("facts"))],
    "model.why_not": lambda: [
        model.why_not(kind, place)
        for kind in model.METADATA.values() for place in model.PLACEMENTS.values()
    ],
    # study
    "study.Candidate": lambda: made("synthesis").correct,
    "study.Comparison": lambda: [made("comparison")],
    "evidence.Confirmation": lambda: [judged()],
    "evidence.Conformity": lambda: [made("conformity")],
    "study.Cost": lambda: [made("synthesis").correct[0].cost],
    "study.Failed": lambda: made("synthesis").failed,
    "study.Judgement": lambda: [study.judge(made("design"))],
    "study.Match": lambda: study.match(made("probed")),
    "study.Parting": lambda: [made("comparison").parting],
    "study.Replayed": lambda: [study.replay(made("state"))],
    "study.State": lambda: [made("state")],
    "study.Synthesis": lambda: [made("synthesis")],
    "study.Explained": lambda: study.explain("leak"),
    "study.explain": lambda: [study.explain("free")],
    "study.lists": lambda: [study.lists()],
    "evidence.alignment": lambda: [evidence.alignment(made("recording"))],
    "study.answer": lambda: [study.answer(made("report"))],
    "study.cells": lambda: islice(study.cells(), 9),
    "study.check": lambda: [study.check("guest_memfd-7.3")],
    "study.compare": lambda: [made("comparison")],
    "evidence.confirm": lambda: [judged(), judged("6.12-confirmed-leak")],
    "evidence.FilesystemConfirmation": lambda: [confirm_overlay()],
    "evidence.confirm_filesystem": lambda: [confirm_overlay()],
    "evidence.confirm_cells": lambda: [confirm_one_cell()],
    "study.confirmed": lambda: [study.confirmed("7.3"), study.confirmed("5.4")],
    "evidence.conform": lambda: [made("conformity"), evidence.conform(made("recording"), made("design"))],
    "evidence.validate": lambda: [evidence.validate(made("recording"))],
    "study.cost": lambda: [study.cost(made("design"), made("facts"))],
    "study.designs": lambda: [study.designs()],
    "study.designs_for": lambda: [made("synthesis")],
    "evidence.edges_seen": lambda: [evidence.edges_seen(made("recording"))],
    "study.evidence": lambda: [study.evidence(CELL, row["defects"]) for row in made("matrix")],
    "study.gallery": lambda: map(study.gallery, study.designs()),
    "study.judge": lambda: [study.judge(study.gallery(name)) for name in study.designs()],
    "study.mail": lambda: [study.mail(made("report"))],
    "study.match": lambda: [study.match(made("probed"))],
    "study.match_sentence": lambda: [study.match_sentence(made("probed"))],
    "study.matrix": lambda: [made("matrix")],
    "study.matrix_frame": lambda: [study.matrix_frame(made("matrix"))],
    "translate.module_source": lambda: [translate.module_source(study.gallery("guest_memfd-7.3"))],
    "study.replay": lambda: [study.replay(made("state"))],
    "study.told": lambda: [
        study.told(tuple(row[name] for name in CHOICES), row["defects"]) for row in made("matrix")
    ],
    "study.verdict": lambda: [
        study.verdict(model.check(study.gallery(name))) for name in study.designs()
    ],
    # render
    "render.Drawing": lambda: made("film").drawings,
    "render.Film": lambda: [made("film")],
    "render.call_graph": lambda: [
        render.call_graph(graph_of_recording(made("followed"), None), title="t" * 999)
    ],
    "render.draw_diff": lambda: [render.draw_diff(facts.load("6.12"), made("facts"), "iput")],
    "render.draw_evidence": lambda: [render.draw_evidence(made("facts"), made("followed"))],
    "render.draw_matrix": lambda: [render.draw_matrix(made("matrix"))],
    "render.draw_road": lambda: [render.draw_road(made("facts"), "iput", filesystems=["shmem"])],
    "render.film_of_confirmation": lambda: [
        render.film_of_confirmation(judged("6.12-confirmed-leak"))
    ],
    "render.film_of_conformity": lambda: [render.film_of_conformity(made("conformity"))],
    "render.film_of_drawing": lambda: [render.film_of_drawing(made("film").drawings[0])],
    "render.film_of_drive": lambda: [render.film_of_drive(drive(made("design"), "last-close"))],
    "render.film_of_recording": lambda: [render.film_of_recording(made("followed"))],
    "render.film_of_report": lambda: [made("film")],
    "render.lanes": lambda: [render.lanes([Event("f" * 999, "a", "P", 0)])],
    "render.memory": lambda: [render.memory(made("path").world)],
    "render.state_diagram": lambda: [render.state_diagram(made("report"))],
    # widget
    "widget.Driver": lambda: [widget.Driver(made("design"))],
    "widget.Explorer": lambda: [widget.Explorer()],
    "widget.MatrixExplorer": lambda: [widget.MatrixExplorer(rows=made("matrix"))],
    "widget.Player": lambda: [widget.Player(made("film").to_json())],
    "widget.Stage": lambda: [widget.Stage(), widget.Stage(made("report"))],
    "widget.ProbeView": lambda: [widget.ProbeView(made("probed"))],
    "page.page_of_comparison": lambda: [page_of_comparison()],
    "page.page_of_recording": lambda: [
        page.page_of_recording(made("followed"), made=MADE)
    ],
    "page.page_of_report": lambda: [page.page_of_report(made("report"), made=MADE)],
    "widget.play": lambda: [gmemviz.play(made("film"))],
}  # fmt: skip
"""By room and name: the results of the name, none where it makes none."""


@cache
def results(name):
    """Return the results of a public name, made once for all tests."""
    return list(RESULTS[name]())
