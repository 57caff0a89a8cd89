"""Start a JupyterLab of our own: private folders, loopback, a free port, a token."""

import contextlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
# jupyter.md 5: no dialogs over the picture, no cells left undrawn, no saving behind our back.
SETTINGS = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension:plugin": {"autosave": False},
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
}
DARK = {"@jupyterlab/apputils-extension:themes": {"theme": "JupyterLab Dark"}}
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


class Lab(NamedTuple):
    """A running server: where it listens, and the folder that it serves."""

    url: str
    token: str
    folder: Path

    def page(self, notebook: str) -> str:
        return f"{self.url}/lab/tree/{notebook}?token={self.token}&reset"


def write_notebook(path: Path, *cells: str) -> None:
    """Write a notebook with code cells and no outputs."""
    made = [
        {"cell_type": "code", "id": f"c{number}", "metadata": {}, "source": source,
         "execution_count": None, "outputs": []}
        for number, source in enumerate(cells)
    ]  # fmt: skip
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    book = {"cells": made, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(book))


@contextlib.contextmanager
def running_lab(home: Path, *, is_dark: bool = False) -> Iterator[Lab]:
    """Run JupyterLab in `home` until the block ends."""
    folder = home / "books"
    folder.mkdir(parents=True)
    labconfig = home / "config" / "labconfig"
    labconfig.mkdir(parents=True)
    overrides = SETTINGS | (DARK if is_dark else {})
    (labconfig / "default_setting_overrides.json").write_text(json.dumps(overrides))
    lab = Lab(f"http://127.0.0.1:{free_port()}", secrets.token_hex(8), folder)
    with (home / "lab.log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--ServerApp.ip=127.0.0.1",
             f"--ServerApp.port={lab.url.rpartition(':')[2]}", "--ServerApp.port_retries=0",
             f"--IdentityProvider.token={lab.token}", f"--ServerApp.root_dir={folder}",
             "--expose-app-in-browser",  # window.jupyterapp: asked when the kernel listens
             *(["--allow-root"] if os.geteuid() == 0 else [])],
            env=private_environment(home), stdout=log, stderr=log,
        )  # fmt: skip
        try:
            wait_until_up(lab, server, home / "lab.log")
            yield lab
        finally:
            server.terminate()
            server.wait(timeout=20)


def private_environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")}
    names = {
        "JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "IPYTHONDIR": "ipython",
    }  # fmt: skip
    path = os.pathsep.join(part for part in (str(ROOT), kept.get("PYTHONPATH", "")) if part)
    return kept | {name: str(home / part) for name, part in names.items()} | {"PYTHONPATH": path}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(lab: Lab, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{lab.url}/api?token={lab.token}", timeout=2).close()
            return
        time.sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")
