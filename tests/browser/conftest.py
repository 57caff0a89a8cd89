"""Give browser tests a private JupyterLab, Debian's Chromium, and a watch on the network."""

import json
import urllib.request

import pytest

from tests.browser import exported
from tests.browser.lab_page import LAPTOP, run_all, wear
from tests.browser.lab_server import CHROMIUM_FLAGS, running_lab, write_notebook


@pytest.fixture(scope="session")
def browser_type_launch_args(chromium):
    return {"executable_path": chromium, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args():
    return {"viewport": {"width": LAPTOP[0], "height": LAPTOP[1]}}


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    with running_lab(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture
def watched(page):
    """A page on which a foreign request or a page error fails the test."""
    troubles = []

    def look(request):
        if not request.url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:")):
            troubles.append(f"request to {request.url}")

    page.on("request", look)
    page.on("pageerror", lambda error: troubles.append(f"page error: {error}"))
    yield page
    assert not troubles


@pytest.fixture
def notebook(lab, watched):
    """Return a function that writes a notebook, opens it and (unless told not to) runs it."""

    def open_book(name, *cells, run=True, until=".gmemviz-player", look=("light", LAPTOP)):
        if cells:
            write_notebook(lab.folder / name, *cells)
        watched.goto(lab.page(name))
        watched.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=60_000)
        wear(watched, *look)  # the server remembers what the last test wore
        if run:
            run_all(watched, until)
        return watched

    yield open_book
    headers = {"Authorization": f"token {lab.token}"}
    sessions = urllib.request.Request(f"{lab.url}/api/sessions", headers=headers)
    for session in json.load(urllib.request.urlopen(sessions)):
        where = f"{lab.url}/api/sessions/{session['id']}"
        urllib.request.urlopen(
            urllib.request.Request(where, headers=headers, method="DELETE")
        ).close()


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """The addresses of one exported page of each kind, by name."""
    return exported.write_pages(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def opened(files, page):
    """Open one of `files` where nothing may come from anywhere else."""
    with exported.watched(page, set(files.values())):
        yield lambda name, fragment="": exported.open_page(page, files[name] + fragment)
