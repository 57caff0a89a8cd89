"""A Python that has started: what is compiled, what is kept, and what is no memory of it."""

import io
import json
import marshal
import subprocess
import zipfile

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.facts import kernels
from scripts import site
from scripts.site_files.compiled import compiled, pyc
from scripts.started import FILES, first, started

SOURCE = b'''"""Say what it is."""
from __future__ import annotations

def one():
    """Only this."""

class Two:
    """A class."""
    three: int = 3

    def four(self):
        """Return what assert lets pass."""
        assert self.three, "none"
        return self.three
'''


def ran(packed, name):
    code = marshal.loads(packed[16:])  # noqa: S302
    names = {"__name__": name}
    exec(code, names)  # noqa: S102
    return names


def test_a_module_loses_its_docstrings_and_nothing_else():
    names = ran(pyc(SOURCE, "m.py"), "m")
    assert (names.get("__doc__"), names["one"].__doc__) == (None, None)
    assert names["Two"].__doc__ is None
    assert names["one"]() is None
    two = names["Two"]()
    assert two.four() == 3
    two.three = 0
    with pytest.raises(AssertionError, match="none"):
        two.four()


def test_a_zip_is_compiled_in_its_order_and_data_stays():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("b/data.toml", "a = 1")
        archive.writestr("b/a.py", SOURCE)
    made = compiled(packed.getvalue())
    assert made == compiled(packed.getvalue())
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert archive.namelist() == ["b/a.pyc", "b/data.toml"]
        assert archive.read("b/data.toml") == b"a = 1"


def test_the_first_answer_has_the_facts_of_the_newest_kernel_alone():
    with zipfile.ZipFile(io.BytesIO(first(site.package_zip()))) as archive:
        names = archive.namelist()
    facts = [name for name in names if name.startswith("gmemviz/facts/data/")]
    assert facts == [f"gmemviz/facts/data/{kernels()[-1]}.json.gz"]
    assert "gmemviz/study/gallery.toml" in names
    assert not [name for name in names if name.endswith(".py")]


TRIED = """
import { complete, mix, sumOf } from %s;
const began = new Uint8Array(16).map((_, at) => at + 1), whole = new Uint8Array(28).fill(7);
const kept = whole.slice(), said = { head: 4, reach: 12, sum: sumOf(began, 12) };
mix(kept, 4, began, 12);
const module = { HEAPU8: began, _malloc(size) { this.HEAPU8 = new Uint8Array(this.HEAPU8.length + 12); } };
const differs = kept.filter((byte, at) => byte !== whole[at]).length;
complete(kept, said, module);
let other = "";
try { complete(kept, said, { HEAPU8: new Uint8Array(16) }); } catch (error) { other = error.message; }
console.log(JSON.stringify({ same: String(kept) === String(whole), differs, room: module.HEAPU8.length, other }));
"""


@pytest.mark.node
def test_memory_is_laid_over_what_it_was_taken_from_and_over_nothing_else(tmp_path):
    (tmp_path / "tried.mjs").write_text(TRIED % json.dumps(f"{(FILES / 'memory.mjs').as_uri()}"))
    command = ["node", tmp_path / "tried.mjs"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    found = json.loads(done.stdout)
    assert found["same"]
    assert found["differs"] == 12
    assert found["room"] >= 28
    assert found["other"] == "the memory that was kept is of another Python"


@pytest.mark.node
def test_a_pyodide_that_is_none_is_said_with_its_reason():
    with pytest.raises(GmemvizError, match="Python did not start"):
        started({"pyodide.mjs": b"throw new Error('none')"}, b"")


@pytest.mark.npm
def test_what_a_browser_fetches_before_its_first_verdict_is_small():
    """By gzip, as a server sends it; what is compressed already does not get smaller."""
    import zlib

    files = site.running()
    firsts = [
        "pyodide/pyodide.asm.wasm", "pyodide/pyodide.asm.mjs", "pyodide/pyodide.mjs",
        "pyodide/pyodide-lock.json", "memory.gz", "first.zip", "none.zip", "worker.js",
    ]  # fmt: skip
    sizes = {name: len(zlib.compress(files[name], 9)) for name in firsts}
    assert sum(sizes.values()) + 60_000 < 9_000_000, sizes
    assert "pyodide/python_stdlib.zip" not in files
    kept = json.loads(files["worker.js"].decode().split("const KEPT = ")[1].split(", FOLDER")[0])
    assert kept["length"] > 30_000_000
    assert files["gmemviz.zip"] != site.package_zip()
