"""The stub is what `scripts.stub` writes, and mypy reads it as an editor would."""

import os
import pydoc
import subprocess
import sys
from typing import get_args

import gmemviz
from gmemviz.model import Verdict
from scripts import stub

RIGHT = """
from pathlib import Path
import gmemviz
from gmemviz import check, explain, gallery

reveal_type(check("guest_memfd-7.3"))
reveal_type(check(Path("mine.toml"), scenarios=["last-close"]).verdict)
reveal_type(gmemviz.compare("shmem-6.12", gallery("shmem-7.3")).b)
reveal_type(gmemviz.load_recording("7.3-gmem").kernel)
reveal_type(explain("leak")[0].state)
reveal_type(gmemviz.designs())
word: str = "of a variable"
gallery(word)
gmemviz.Stage("guest_memfd-7.3")
"""
REVEALED = [
    "gmemviz.model.search.check.Report",
    " | ".join(f"Literal['{word}']" for word in get_args(Verdict)),
    "gmemviz.model.search.check.Report",
    "str",
    "str",
    "tuple[str, ...]",
]
WRONG = {
    "gmemviz.chekc('shmem-7.3')": "has no attribute",
    "gmemviz.check()": "Missing positional argument",
    "gmemviz.check('shmem-7.3', scenario='unmount')": "",
    "gmemviz.check('shmem-7.3').verdct": "has no attribute",
    "gmemviz.check(3)": "incompatible type",
    "gmemviz.design_from_choices(kernel='7.3')": "Missing named argument",
    "gmemviz.load(7.3)": "incompatible type",
}
"""What mypy has to find, but for a keyword that `check` may pass on to the model."""


def test_the_stub_is_what_is_written():
    assert stub.STUB.read_text(encoding="utf-8") == stub.stub()


def test_the_stub_has_every_name_and_takes_what_the_functions_take():
    text = stub.stub()
    for name in gmemviz.EXPORTS:
        assert f"import {name} as {name}\n" in text or f"\ndef {name}(" in text, name
    for name, takes in stub.TAKES.items():
        assert callable(getattr(gmemviz, name))
        for argument, alias in takes.items():
            assert f"{argument}: {alias} | " in text
    assert set().union(*(takes.values() for takes in stub.TAKES.values())) == set(stub.WORDS)


def test_mypy_sees_types_from_outside(tmp_path, shared_folder):
    (tmp_path / "right.py").write_text(RIGHT)
    lines = "\n".join(["import gmemviz", *WRONG])
    (tmp_path / "wrong.py").write_text(lines + "\n")
    root = str(stub.STUB.parent.parent)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--follow-imports=silent", "--no-error-summary",
         "--python-executable", "", "--cache-dir", str(shared_folder / "mypy"), "right.py", "wrong.py"],
        cwd=tmp_path, env={**os.environ, "MYPYPATH": root}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    said = done.stdout.splitlines()
    revealed = [line.partition('Revealed type is "')[2].rstrip('"') for line in said
                if "Revealed type" in line]  # fmt: skip
    assert [each.replace("builtins.", "") for each in revealed] == REVEALED, done.stdout
    assert not [line for line in said if line.startswith("right.py") and "error" in line]
    for number, (line, complaint) in enumerate(WRONG.items(), 2):
        of_line = [each for each in said if each.startswith(f"wrong.py:{number}: error")]
        assert any(complaint in each for each in of_line) or not complaint, (line, said)


def test_help_is_a_page_and_names_everything():
    text = pydoc.render_doc(gmemviz)
    assert len(text.splitlines()) < 100
    assert not [name for name in gmemviz.EXPORTS if name not in gmemviz.__doc__]
