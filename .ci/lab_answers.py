"""Prove that `make lab` works: its server has the start notebook, a kernel executes a cell of it.

Run by any python3. The server gets a port and a token of its own, and is ended by its id. What
speaks to the kernel is run by the Python that `make lab` has filled, as it has the websocket.
"""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
START = "notebooks/00_start_here.ipynb"
SETUP_LIMIT_S = 600
REPLY_LIMIT_S = 120


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def call(url: str, token: str, *, method: str = "GET", body: object = None) -> bytes:
    """Return what the server answers; URLError where it does not, HTTPError where it refuses."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return bytes(answer.read())


def wait_until_up(url: str, token: str, server: subprocess.Popen[bytes]) -> None:
    """Wait for the first answer; a first `make lab` installs everything before it."""
    deadline = time.monotonic() + SETUP_LIMIT_S
    while time.monotonic() < deadline and server.poll() is None:
        with suppress(OSError):
            call(f"{url}/api", token)
            return
        time.sleep(0.5)
    sys.exit(f"make lab: no answer (status {server.poll()}, None: still running)")


def first_cell(url: str, token: str) -> str:
    """Return the source of the notebook's first code cell, as the server gives it."""
    book = json.loads(call(f"{url}/api/contents/{START}", token))["content"]
    return next(str(cell["source"]) for cell in book["cells"] if cell["cell_type"] == "code")


def execute(url: str, token: str, source: str) -> str:
    """Execute the source in a new kernel of the notebook; return the reply's status."""
    import websocket  # JupyterLab's server brings it

    asked = {"path": START, "name": "", "type": "notebook", "kernel": {"name": "python3"}}
    session = json.loads(call(f"{url}/api/sessions", token, method="POST", body=asked))
    channels = f"{url}/api/kernels/{session['kernel']['id']}/channels?token={token}"
    link = websocket.create_connection(
        channels.replace("http", "ws", 1), timeout=REPLY_LIMIT_S, suppress_origin=True
    )
    header = {
        "msg_id": secrets.token_hex(8), "msg_type": "execute_request", "version": "5.3",
        "session": secrets.token_hex(8), "username": "", "date": "",
    }  # fmt: skip
    content = {"code": source, "silent": False, "allow_stdin": False}
    link.send(json.dumps({
        "header": header, "parent_header": {}, "metadata": {}, "content": content,
        "channel": "shell",
    }))  # fmt: skip
    try:
        while True:
            said = json.loads(link.recv())
            is_ours = said["parent_header"].get("msg_id") == header["msg_id"]
            if is_ours and said["msg_type"] == "execute_reply":
                return str(said["content"]["status"])
    finally:
        link.close()
        call(f"{url}/api/sessions/{session['id']}", token, method="DELETE")


def ask(url: str, token: str) -> int:
    """Ask for the page and the first cell; return 0 where both are as they should be."""
    page = call(f"{url}/lab/tree/{START}", token)
    if b"jupyter-config-data" not in page:
        sys.exit(f"make lab: /lab/tree/{START} is not JupyterLab's page")
    status = execute(url, token, first_cell(url, token))
    print(f"make lab: {START} is there, and its first cell executes: {status}")
    return 0 if status == "ok" else 1


def end(server: subprocess.Popen[bytes]) -> None:
    """End make and its server, which are a group of their own."""
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGTERM)
    try:
        server.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


def main() -> int:
    """Start the server, ask it, end it."""
    if sys.argv[1:]:
        return ask(*sys.argv[1:])
    port, token = free_port(), secrets.token_hex(16)
    arguments = (
        f"--no-browser --port={port} --ServerApp.port_retries=0 --IdentityProvider.token={token}"
    )
    server = subprocess.Popen(
        ["make", "lab", f"LAB_ARGS={arguments}"], cwd=ROOT, start_new_session=True,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_up(url, token, server)
        return subprocess.run([PYTHON, __file__, url, token], check=False).returncode
    finally:
        end(server)


if __name__ == "__main__":
    sys.exit(main())
