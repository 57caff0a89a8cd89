"""Execute the notebooks in place and store them without anything that changes by itself.

    python -m scripts.notebooks [--check | --tidy] [FILE ...]

`--check` executes but writes nothing and fails if a stored output would change; `--tidy` only
normalises. Each notebook runs in a process of its own, with a time limit and one more try, since
a Jupyter kernel sometimes never answers.
"""

import argparse
import configparser
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import nbformat

from gmemviz.whole import write_whole

ROOT: Final = Path(__file__).resolve().parent.parent
SANITIZERS: Final = ROOT / "tests" / "nbval_sanitize.cfg"
TRIES: Final = 2
LOST: Final = 75
"""Status of a process whose kernel was lost, so that another may do better (EX_TEMPFAIL)."""

TIME_LIMIT_S: Final = 180

KEPT_CELL_METADATA: Final = {"jp-MarkdownHeadingCollapsed", "jupyter", "slideshow", "tags"}
METADATA: Final = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
# Names a live model; without one the picture and text beside it are what a reader should see.
WIDGET_VIEW: Final = "application/vnd.jupyter.widget-view+json"


def read(path: Path) -> Any:
    """Read a notebook."""
    return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def execute(notebook: Any, folder: Path) -> None:
    """Run every cell of `notebook` in this process's own Python."""
    from nbclient import NotebookClient  # not needed to tidy

    resources = {"metadata": {"path": str(folder)}}
    NotebookClient(
        notebook,
        startup_timeout=TIME_LIMIT_S,
        kernel_name="python3",
        resources=resources,
        coalesce_streams=True,
    ).execute()


def normal(notebook: Any) -> str:
    """Return the text of `notebook` less widget state, timing, versions and random ids."""
    notebook.metadata = METADATA
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    for number, cell in enumerate(notebook.cells, 1):
        cell.id = f"cell-{number:02}"
        for key in set(cell.metadata) - KEPT_CELL_METADATA:
            del cell.metadata[key]
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    text: str = nbformat.writes(notebook)  # type: ignore[no-untyped-call]
    return text.rstrip("\n") + "\n"


def sanitized(text: str) -> str:
    """Return the notebook's text less what another Graphviz would draw differently."""
    config = configparser.RawConfigParser()
    config.read(SANITIZERS)
    for name in config.sections():
        text = re.sub(config[name]["regex"], config[name]["replace"], text)
    return text


def write(path: Path, text: str) -> None:
    """Replace the file whole or not at all."""
    write_whole(path, text.encode())


def finish(path: Path, mode: str) -> bool:
    """Bring one notebook up to date, or say whether it is."""
    notebook = read(path)
    if mode != "tidy":
        execute(notebook, path.parent)
    before, after = path.read_text(encoding="utf-8"), normal(notebook)
    if mode == "check":
        return sanitized(before) == sanitized(after)
    if before != after:
        write(path, after)
    return True


def here(path: Path, mode: str) -> int:
    """Do `finish` in this process; return its status, LOST where the kernel is to blame."""
    from nbclient.exceptions import CellTimeoutError  # not needed to tidy

    try:
        return 0 if finish(path, mode) else 1
    except (
        CellTimeoutError,
        RuntimeError,
    ) as error:  # the latter: died, or never started
        print(f"{path.name}: its kernel is lost: {str(error).splitlines()[0]}")
        return LOST


def apart(path: Path, mode: str) -> bool:
    """Do `finish` in a process that can be ended, and once more where its kernel is lost."""
    command = [sys.executable, "-m", "scripts.notebooks", "--here", f"--{mode}", str(path)]
    for _ in range(TRIES):
        with subprocess.Popen(command, cwd=ROOT, start_new_session=True) as process:
            try:
                status = process.wait(TIME_LIMIT_S)
            except subprocess.TimeoutExpired:
                print(f"{path.name}: no end after {TIME_LIMIT_S} seconds")
                continue
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
        if status != LOST:
            return status == 0
    return False


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    modes = parser.add_mutually_exclusive_group()
    for mode in ("execute", "check", "tidy"):
        modes.add_argument(f"--{mode}", dest="mode", action="store_const", const=mode)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
    wanted = parser.parse_args()
    mode = wanted.mode or "execute"
    paths = [path.resolve() for path in wanted.files] or sorted(
        (ROOT / "notebooks").glob("*.ipynb")
    )
    if wanted.here:
        return max(here(path, mode) for path in paths)
    do = finish if mode == "tidy" else apart
    failed = [path.name for path in paths if not do(path, mode)]
    if failed:
        reason = "stored outputs differ; see `make notebooks`" if mode == "check" else "did not run"
        print(f"{', '.join(failed)}: {reason}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
