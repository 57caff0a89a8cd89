"""What tests need of the machine, and the golden files.

A test says `@pytest.mark.browser` (or dot, node, kvm, ...) and is skipped where that is missing.
GMEMVIZ_REQUIRE="dot,browser" turns those skips into failures.
"""

import os
import shutil
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest
from filelock import FileLock

from gmemviz.facts.releases import judge_kernel

GOLDEN = Path(__file__).parent / "golden"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def find_browser():
    named = os.environ.get("GMEMVIZ_CHROMIUM")
    return named or next(filter(None, map(shutil.which, BROWSERS)), None)


def has_dot():
    from gmemviz.errors import MissingToolError  # only a test that draws needs them
    from gmemviz.render.engine import render

    try:
        return render("digraph { a }", "pdf")
    except (MissingToolError, ValueError):
        return None


SOURCE = f"linux-source-{judge_kernel()}"
PACKED_TREE = Path(f"/usr/src/{SOURCE}.tar.xz")  # as Debian's package brings it


def has_kernels():
    from gmemviz.record.boot.kernel_images import kernels_folder

    return (kernels_folder() / judge_kernel() / "vmlinuz").is_file()


def has_tree():
    named = Path(os.environ.get("GMEMVIZ_TREE", "")) / "fs/inode.c"
    return named.is_file() or PACKED_TREE.is_file()


# marker: (is it there, how to get it)
NEEDS = {
    "dot": (has_dot, "a dot that makes PDF: apt-get install graphviz"),
    "browser": (
        lambda: find_browser() and find_spec("playwright"),
        "Chromium: apt-get install chromium (or set GMEMVIZ_CHROMIUM)",
    ),
    "cluster": (lambda: find_spec("distributed"), "Dask: pip install gmemviz[cluster]"),
    "node": (lambda: shutil.which("node"), "Node.js: apt-get install nodejs"),
    "npm": (lambda: shutil.which("npm"), "npm, which comes with Node.js: apt-get install npm"),
    "kvm": (
        lambda: os.access("/dev/kvm", os.R_OK | os.W_OK),
        "/dev/kvm, readable and writable by you",
    ),
    "kernels": (has_kernels, "the kernels to boot: make kernels"),
    "qemu": (lambda: shutil.which("qemu-system-x86_64"), "QEMU: apt-get install qemu-system-x86"),
    "spin": (
        lambda: shutil.which("spin") and shutil.which("gcc"),
        "SPIN and a C compiler: apt-get install spin gcc",
    ),
    "deck": (lambda: find_spec("jupyterlab_slideshow"), "the deck: pip install gmemviz[talk]"),
    "docs": (
        lambda: all(map(find_spec, ("sphinx", "myst_nb", "furo"))),
        "Sphinx, myst-nb and Furo: pip install gmemviz[docs]",
    ),
    "voila": (lambda: find_spec("voila"), "Voila: pip install gmemviz[voila]"),
    "kernel_tree": (
        has_tree,
        f"a Linux source tree: set GMEMVIZ_TREE, or apt-get install {SOURCE}",
    ),
}


def required():
    names = {name.strip() for name in os.environ.get("GMEMVIZ_REQUIRE", "").split(",")} - {""}
    if unknown := names - set(NEEDS):
        raise pytest.UsageError(
            f"GMEMVIZ_REQUIRE names {', '.join(sorted(unknown))}; known are {', '.join(NEEDS)}"
        )
    return names


def pytest_configure():
    required()
    os.environ["GMEMVIZ_CACHE"] = ""  # who tests what is kept names a folder of the test's own


def pytest_make_parametrize_id(val, argname):
    """Keep bytes out of names: packed ones hold the time, and workers must agree on a name."""
    return argname if isinstance(val, bytes) else None


def pytest_runtest_setup(item):
    for name, (is_there, how) in NEEDS.items():
        if item.get_closest_marker(name) and not is_there():
            stop = pytest.fail if name in required() else pytest.skip
            stop(f"needs {how}")


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory):
    """Return the one folder of all workers that run side by side."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def kernel_folder(shared_folder):
    """Return a kernel tree's folder: GMEMVIZ_TREE, or Debian's package, unpacked once for all."""
    if named := os.environ.get("GMEMVIZ_TREE"):
        return Path(named)
    folder = shared_folder / "tree"
    with FileLock(shared_folder / "tree.lock"):
        if not folder.is_dir():
            half = Path(tempfile.mkdtemp(dir=shared_folder))
            subprocess.run(["tar", "-xJf", PACKED_TREE, "-C", half], check=True)
            half.rename(folder)
    return next(folder.iterdir())


@pytest.fixture(scope="session")
def chromium():
    """Return the path of the browser; the test is marked `browser`."""
    return find_browser()


@pytest.fixture
def golden(request):
    """Compare text with a file in tests/golden; --golden rewrites the file."""

    def compare(name, text):
        file = GOLDEN / name
        if request.config.getoption("--golden"):
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
        assert file.is_file(), f"tests/golden/{name} is missing: `make golden` writes it"
        assert text == file.read_text(encoding="utf-8"), f"{name} changed: see `make golden`"

    return compare
