"""What is built carries everything that the package reads, and works away from the checkout."""

import hashlib
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
# Of everything that the package reads at run time, how many files there are at least.
DATA = {
    ".py": 200, ".json": 3, ".gz": 2, ".xz": 20, ".toml": 1, ".js": 5, ".css": 4, ".c": 8, ".h": 1,
    ".typed": 1, ".regex": 1, ".html": 1, ".pyi": 1, ".bash": 1,
}  # fmt: skip
NOT_PACKED = {".ci", ".git", ".venv", "__pycache__", "build", "dist", "out"}
EMBED = """
import gmemviz
from ipywidgets.embed import embed_minimal_html
assert "site-packages" in gmemviz.__file__, gmemviz.__file__
views = [gmemviz.Explorer(), gmemviz.MatrixExplorer("7.3", "own")]
embed_minimal_html("widget.html", views, drop_defaults=False)
"""


def build(kind, source, folder):
    """Build with the backend that pyproject.toml names; return the file that it made."""
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=100)
    (made,) = folder.iterdir()
    return made


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory):
    return build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))


def packed(wheel):
    with zipfile.ZipFile(wheel) as archive:
        return {Path(name) for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_has_the_package_and_nothing_else(wheel):
    files = (path for path in (ROOT / "gmemviz").rglob("*") if path.is_file())
    there = {path.relative_to(ROOT) for path in files if "__pycache__" not in path.parts}
    assert packed(wheel) == there


def test_the_wheel_has_its_data(wheel):
    kinds = Counter(path.suffix for path in packed(wheel))
    assert kinds.keys() == DATA.keys()
    assert [kind for kind, least in DATA.items() if kinds[kind] < least] == []


def test_the_sdist_has_what_tests_need_and_nothing_made(sdist):
    with tarfile.open(sdist) as archive:
        names = {Path(*Path(name).parts[1:]) for name in archive.getnames()}
    assert not [name for name in names if NOT_PACKED & set(name.parts)]
    needed = "README.md LICENSE Makefile environment.yml postBuild tests/conftest.py conftest.py"
    assert names >= {Path(name) for name in needed.split()}
    assert Path("notebooks/00_start_here.ipynb") in names


def test_the_sdist_builds_the_same_wheel(wheel, sdist, tmp_path):
    # Python learned to extract safely only in 3.11.4.
    (tmp_path / "source").mkdir()
    subprocess.run(["tar", "-xzf", sdist, "-C", tmp_path / "source"], check=True)
    (source,) = (tmp_path / "source").iterdir()
    again = build("wheel", source, tmp_path / "again")
    assert again.name == wheel.name
    sums = [hashlib.sha256(one.read_bytes()).hexdigest() for one in (wheel, again)]
    assert sums[0] == sums[1]


def test_what_it_asks_for_is_asked_by_name(wheel):
    with zipfile.ZipFile(wheel) as archive:
        (metadata,) = (name for name in archive.namelist() if name.endswith("/METADATA"))
        lines = archive.read(metadata).decode().splitlines()
    asked = [line for line in lines if line.startswith("Requires-Dist: ")]
    assert len(asked) > 5
    assert [line for line in asked if "extra ==" not in line] == []


def install(folder, asked, *options):
    """Install the wheel, with parts that are asked for, into an environment."""
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "python"), "install"]
    quick = ["--quiet", "--no-compile", "--disable-pip-version-check", *options]
    done = subprocess.run(
        [*pip, *quick, asked], capture_output=True, text=True, timeout=250, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """Return the folder of programs of an environment that has the wheel alone."""
    folder = tmp_path_factory.mktemp("installed") / "environment"
    venv.create(folder, with_pip=False, symlinks=True)
    install(folder / "bin", str(wheel), "--no-index")
    return folder / "bin"


def test_the_core_asks_for_nothing(installed, tmp_path):
    gmemviz = str(installed / "gmemviz")
    line = [gmemviz, "check", "guest_memfd-7.3"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "correct" in done.stdout, done.stderr
    line = [gmemviz, "export", "guest_memfd-7.3", "-o", "page.html"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, "gmemviz[draw]" in done.stderr) == (2, True), done.stderr


@pytest.mark.skipif(
    not os.environ.get("GMEMVIZ_REQUIRE"),
    reason="fetches all that the wheel asks for, which only CI does at each run: set GMEMVIZ_REQUIRE",
)
def test_it_runs_away_from_the_checkout(wheel, installed, tmp_path):
    install(installed, f"{wheel}[lab]")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env["PATH"] = f"{installed}{os.pathsep}{env['PATH']}"
    env.pop("GMEMVIZ_KERNELS", None)
    env["GMEMVIZ_CACHE"] = str(tmp_path / "cache")

    def run(*command):
        done = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=100, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    gmemviz = str(installed / "gmemviz")
    assert "correct" in run(gmemviz, "check", "guest_memfd-7.3")
    assert "229" in run(gmemviz, "probe", "--recorded", "7.3")
    assert "conforms" in run(gmemviz, "conform", "7.3-gmem")
    assert "`gmemviz kernels fetch 6.12` brings it" in run(gmemviz, "kernels")
    run(gmemviz, "draw", "calls", "guest_memfd-7.3", "-o", "calls.svg")
    assert "kvm_gmem_free_inode" in (tmp_path / "calls.svg").read_text(encoding="utf-8")
    run(gmemviz, "export", "guest_memfd-7.3", "-o", "page.html")
    assert 'id="gm-runs"' in (tmp_path / "page.html").read_text(encoding="utf-8")
    run(str(installed / "python"), "-c", EMBED)
    page = (tmp_path / "widget.html").read_text(encoding="utf-8")
    for part in ("gmemviz-player", "gmemviz-matrix", "copy link", "role-now"):
        assert part in page, part
