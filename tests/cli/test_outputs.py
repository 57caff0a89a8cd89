"""What `--json` prints is what its JSON Schema says, whatever is asked, and each key is explained."""

import importlib
import json
import random
import tomllib
from pathlib import Path
from typing import get_args

import pytest
from jsonschema import Draft202012Validator

from gmemviz import __version__
from gmemviz.cli import main
from gmemviz.cli.line.answer import EDITION, Answer, Output, _stamped
from gmemviz.evidence.confirm.confirm import confirmation
from gmemviz.evidence.confirm.filesystem import confirmation_of
from gmemviz.evidence.confirm.runs import runs_of_design
from gmemviz.evidence.validate import validate
from gmemviz.facts import ProbeReport
from gmemviz.model import Design, check
from gmemviz.probe import load_report, reports
from gmemviz.record import load_recording, recordings
from gmemviz.record.boot import PROVOKED, Provoked
from gmemviz.study import answer, cells, design_of_cell, designs, gallery
from gmemviz.study.tables.against import DesignLine, TableChange
from tests.bugs.tables import laid_over

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "gmemviz" / "cli" / "outputs"
SCHEMAS = {
    file.name.partition(".")[0]: json.loads(file.read_text(encoding="utf-8"))
    for file in sorted(FOLDER.iterdir())
}
CHOICES = ("--kernel", "--mount", "--placement", "--cleanup", "--metadata")
CHANCE = random.Random(11)  # noqa: S311 - which cells, no secret
EVERY = list(cells(["6.12", "7.3"]))
OF_CELLS = [
    " ".join(f"{option} {word}" for option, word in zip(CHOICES, cell, strict=True))
    for cell in CHANCE.sample(EVERY, 25)
]
LINES = [
    *(f"check {line}" for line in OF_CELLS),
    "check rfc-v2 --runs 2", "check --state guest_memfd-7.3/last-close/12",
    "check --state 7.3/own/i_private-flags/none/resv_map/3",
    "check guest_memfd-7.3 --scenario o-path", "check bpf --kernel 6.12", "check spufs --kernel 7.3",
    "compare rfc-v2 guest_memfd-7.3", "compare shmem-6.12 aio-7.3",
    "designs --metadata flags --kernel 7.3 --first 2", "matrix --kernel 7.3 --mount anon-inode",
    "census 7.3", "calls evict_inode", "calls iput --depth 3", "calls evict --callers",
    "validate 7.3-gmem", "validate 6.12-confirmed-leak", "probe --recorded 7.3", "probe",
    "explain leak", "explain", "list", "list codes", "kernels",
]  # fmt: skip


def faults(found):
    """Return what is wrong with an object that says what it is."""
    name = found["schema"].removeprefix("gmemviz.").removesuffix(f"/{EDITION}")
    said = Draft202012Validator(SCHEMAS[name]).iter_errors(found)
    return [f"{name}: {list(fault.absolute_path)}: {fault.message:.200}" for fault in said]


@pytest.mark.parametrize("line", LINES)
def test_what_a_command_prints_is_what_its_schema_says(line, capsys):
    assert main([*line.split(), "--json"]) in (0, 1, 2, 3)
    found = json.loads(capsys.readouterr().out)
    objects = found if isinstance(found, list) else [found]
    assert objects
    for each in objects:
        assert list(each)[:2] == ["schema", "version"]
        assert each["version"] == __version__
        assert faults(each) == []


def bugs():
    for file in sorted((ROOT / "tests" / "bugs").glob("*.toml")):
        for key, case in tomllib.loads(file.read_text(encoding="utf-8")).items():
            yield key, case["broken"]
            yield key, laid_over(case["broken"], case["mended"])


def test_whatever_a_design_says_its_report_is_what_the_schema_says():
    tables = CHANCE.sample(list(bugs()), 30)
    for key, table in tables:
        report = check(Design.from_table(key, table))
        for found in (answer(report), answer(report, runs=1)):
            assert faults(_stamped(json.loads(json.dumps(found)), "report")) == []


@pytest.mark.parametrize("name", designs())
def test_every_design_of_the_gallery_is_what_the_schema_says(name):
    found = answer(check(gallery(name)), runs=2)
    assert faults(_stamped(json.loads(json.dumps(found)), "report")) == []


NO_INODE_DIES = ("eventfd", "kvm-unload")


@pytest.mark.parametrize(
    "name", [name for name in recordings() if not name.endswith(NO_INODE_DIES)]
)
def test_every_recording_is_what_the_schema_says(name):
    found = validate(load_recording(name)).answer()
    assert faults(_stamped(json.loads(json.dumps(found)), "validation")) == []


@pytest.mark.parametrize("name", reports())
def test_a_report_that_was_printed_is_read_again(name, capsys):
    main(["probe", "--recorded", name, "--json"])
    printed = capsys.readouterr().out
    assert faults(json.loads(printed)) == []
    assert ProbeReport.from_json(printed) == load_report(name)


HEARD = ("BUG: scheduling while atomic: actor/190/0x00000002", "gmemviz: refused",
         "kernel BUG at fs/inode.c:750!", "gmemviz: the kernel was lost")  # fmt: skip


def said(design, start):
    """Return what a console might say of each run, some of which were not played."""
    runs = [run for run in runs_of_design(design) if CHANCE.random() < 0.9]
    return {f"{start} {run}": (*CHANCE.sample(HEARD, CHANCE.randint(0, 2)),) for run in runs}


def test_what_a_kernel_said_is_what_its_schema_says():
    of_cells = importlib.import_module("gmemviz.evidence.confirm.cells")
    for name in ("guest_memfd-7.3", "rfc-v2", "shmem-6.12", "guest_memfd-no-barrier"):
        design = gallery(name)
        judged = confirmation(design, "6.12.1", said(design, "your"))
        assert faults(_stamped(judged.answer(), "confirmation")) == []
    for cell in CHANCE.sample(list(cells(["6.12"], mounts=["own"])), 30):
        design = design_of_cell(cell)
        judged = confirmation(design, "6.12.1", said(design, "c1"), start="c1")
        row = {**dict(zip(of_cells.NAMES, cell, strict=True)), **of_cells._answer(judged)}
        assert faults(_stamped(row, "confirmed-cell")) == []


@pytest.mark.parametrize("name", PROVOKED)
def test_what_a_kernel_said_of_its_filesystem_is_what_its_schema_says(name):
    plays = [play for play in PROVOKED[name].plays if CHANCE.random() < 0.9]
    heard = {play: (*CHANCE.sample(HEARD, CHANCE.randint(0, 2)),) for play in plays}
    played = Provoked(heard, {"rmmod": "it is built in"})
    judged = confirmation_of(name, "6.12", "6.12.1", played)
    assert faults(_stamped(judged.answer(), "confirmed-filesystem")) == []


def test_a_table_that_differs_is_what_its_schema_says():
    for line in (None, DesignLine("evict_inode", "free tree", "fs/toy.c:7")):
        change = TableChange(
            "toy_ops", "fs/toy.c", 3, "toy", "verdict", "correct", "leak", "why", line
        )
        assert faults(_stamped(json.loads(json.dumps(change.answer())), "change")) == []


def test_each_output_has_a_schema():
    assert sorted(get_args(Output)) == sorted(SCHEMAS)
    for name, schema in SCHEMAS.items():
        Draft202012Validator.check_schema(schema)
        assert (
            schema["$id"] == schema["properties"]["schema"]["const"] == f"gmemviz.{name}/{EDITION}"
        )


def objects(schema):
    """Yield each object's part of a schema, the inner ones too."""
    if "properties" in schema:
        yield schema
    inner = list(schema.get("properties", {}).values())
    inner += [schema.get("items"), schema.get("additionalProperties")]
    for each in inner:
        if isinstance(each, dict):
            yield from objects(each)


@pytest.mark.parametrize("name", SCHEMAS)
def test_no_key_is_new_and_none_is_unexplained(name):
    """A key that nobody wrote down is refused; only what is named by words has any keys."""
    for part in objects(SCHEMAS[name]):
        assert part["additionalProperties"] is False or name == "words"
        assert [
            key for key, said in part["properties"].items() if not said.get("description")
        ] == []


def test_data_without_a_name_is_never_printed():
    with pytest.raises(AssertionError):
        Answer(data={}).show(as_json=True)


def test_a_key_that_is_not_written_down_is_refused():
    found = _stamped(answer(check(gallery("rfc-v2"))), "report")
    assert faults(found) == []
    assert faults({**found, "news": 1}) != []
    assert faults({key: word for key, word in found.items() if key != "why"}) != []
