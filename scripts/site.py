"""Write the site: `make site` -> out/site, a folder of files for any web server.

    out/site/index.html         what there is: a page for each Design of the gallery and recording
    out/site/playground.html    toggles, the gallery, filesystems, a Design of one's own
    out/site/gmemviz.zip        the package, without what only a kernel or Jupyter needs
    out/site/memory.gz          Python that has imported it already (scripts.started)
    out/site/docs/              README, notebooks, how-tos and reference (scripts.docs)
    out/site/pyodide/           CPython as WebAssembly, of npm, fetched once

What is fetched is pinned by a checksum, and kept in out/npm: after the first time no network is
needed. The pages ask nobody but the server that they come from.
"""

import hashlib
import html
import io
import json
import shutil
import subprocess
import tarfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, product
from pathlib import Path
from string import Template
from typing import Any, Final, NamedTuple

import gmemviz
from gmemviz.errors import GmemvizError, MissingToolError, RecordingError
from gmemviz.facts import filesystem_names, kernels, load, snapshots
from gmemviz.frontend import script, stylesheet
from gmemviz.model import METADATA, MOUNTS, check, design_from_choices
from gmemviz.page import Made, page_of_recording, page_of_report
from gmemviz.record import follow, load_recording, recordings
from gmemviz.render import facts_of
from gmemviz.stage import AXES, headline, stage, tints
from gmemviz.study import CHOICES, designs, gallery
from gmemviz.whole import write_whole
from gmemviz.widget.stage import QUESTION
from scripts import docs
from scripts.site_files.answers import walk
from scripts.started import Started, started

ROOT: Final = Path(__file__).resolve().parent.parent
FILES: Final = ROOT / "scripts" / "site_files"
OUT: Final = ROOT / "out" / "site"
FETCHED: Final = ROOT / "out" / "npm"

POLICY: Final = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; "
    "connect-src 'self'; style-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'"
)
"""What a page may do: run and ask for what its own server has; WebAssembly is Python."""

LEFT_OUT: Final = (
    "cli", "frontend", "page", "probe", "widget", "record/data", "record/driver", "record/kernels",
    "record/module",
)  # fmt: skip
"""What the playground does not ask: it needs a kernel, a terminal or Jupyter."""

LEAD: Final = (
    "Who frees what while an inode is torn down, and who still reaches for it: every order of "
    "events, on a model of the kernel's own road, beside recordings of real kernels."
)

PYODIDE: Final = "pyodide/"
"""The folder of CPython as WebAssembly, on the site."""

STAMP: Final = (1980, 1, 1, 0, 0, 0)
"""The time of every file in the zip: equal input gives equal bytes."""


def packages() -> Mapping[str, Mapping[str, Any]]:
    """Return what comes from npm, by name, with its version and checksum."""
    return tomllib.loads((FILES / "packages.toml").read_text(encoding="utf-8"))


def fetched(name: str, version: str, sha512: str) -> bytes:
    """Return an npm package as its archive, fetched once.

    MissingToolError where there is no npm; GmemvizError where what comes is not what is pinned.
    """
    archive = FETCHED / f"{name}-{version}.tgz"
    if not archive.is_file():
        npm = shutil.which("npm")
        if not npm:
            raise MissingToolError("the site is made of an npm package: apt-get install npm")
        FETCHED.mkdir(parents=True, exist_ok=True)
        command = [npm, "pack", "--silent", f"{name}@{version}", "--pack-destination", str(FETCHED)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            raise GmemvizError(f"npm could not fetch {name}: {done.stderr.strip()[-200:]}")
    found = archive.read_bytes()
    if hashlib.sha512(found).hexdigest() != sha512:
        archive.unlink()
        raise GmemvizError(f"{archive.name} is not what is pinned: it was thrown away")
    return found


def package_zip() -> bytes:
    """Return the package, and what answers the playground, as a zip that is always the same."""
    room = Path(gmemviz.__file__).parent
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(room.rglob("*")):
            inside = path.relative_to(room).as_posix()
            is_left = inside.startswith(LEFT_OUT) or "__pycache__" in path.parts
            if path.is_file() and not is_left:
                _add(archive, f"gmemviz/{inside}", path)
        _add(archive, "answers.py", FILES / "answers.py")
    return made.getvalue()


def _add(archive: zipfile.ZipFile, name: str, path: Path) -> None:
    info = zipfile.ZipInfo(name, STAMP)
    archive.writestr(info, path.read_bytes(), zipfile.ZIP_DEFLATED)


def first_value() -> dict[str, Any]:
    """Return what the stage shows before Python is there: the thread's question, answered here."""
    words = {axis: list(allowed) for axis, allowed in AXES.items()}
    value = stage(design_from_choices(**QUESTION))
    before = walk("/".join(QUESTION[axis] for axis in CHOICES), value)
    asked = {"choices": QUESTION, "words": words, "tints": tints(QUESTION), "walk": before}
    return {"value": value, **asked}


def pages() -> dict[str, bytes]:
    """Return every file of the site but those of npm, by its name."""
    shown = dict(chain(design_pages(), recording_pages()))
    made = {
        "stage.js": script("stage").encode(),
        "site.css": "\n".join((stylesheet("stage"), _text("site.css"))).encode(),
        "playground.js": _text("playground.js").encode(),
        "memory.mjs": _text("memory.mjs").encode(),
        "LICENSE.txt": (ROOT / "LICENSE").read_bytes(),
        "language.html": _language(),
    }
    made["playground.html"] = _playground(shown)
    made["index.html"] = _index(shown)
    made["licences.txt"] = _licences()
    return {**made, **{name: page.text.encode() for name, page in shown.items()}}


class SitePage(NamedTuple):
    """Hold a page of the site, with its name on the shelf and what it says in a line."""

    text: str
    name: str
    says: str


def design_pages() -> Iterator[tuple[str, SitePage]]:
    """Yield a page for each Design of the gallery: it plays with no Python behind it."""
    for name in designs():
        report = check(gallery(name), keep_moves=True)
        said = headline(report).sentence
        command = f"gmemviz export {name} -o page.html"
        made = Made(gmemviz.__version__, command)
        text = page_of_report(report, made=made, of=(name,))
        link = f'<a href="../playground.html#{name}">Change it in the playground</a>'
        yield f"gallery/{name}.html", SitePage(_previewed(text, name, said, link), name, said)


def recording_pages() -> Iterator[tuple[str, SitePage]]:
    """Yield a page for each recording that is shipped."""
    for name in recordings():
        trace = load_recording(name)
        facts = facts_of(trace)
        made = Made(gmemviz.__version__, f"gmemviz export {name} -o page.html")
        try:
            recorded = follow(trace, facts=facts)
        except RecordingError:  # nothing dies in it: what is held on to is its point
            continue
        text = page_of_recording(recorded, facts, made=made)
        page = SitePage(_previewed(text, name, trace.title, ""), name, trace.title)
        yield f"recordings/{name}.html", page


# What a mail program or a chat shows of a link, and the way to where it can be changed.
def _previewed(page: str, title: str, says: str, link: str) -> str:
    tags = "".join(
        f'<meta property="og:{key}" content="{html.escape(value)}">\n'
        for key, value in (("title", f"gmemviz: {title}"), ("description", says))
    )
    ways = '<a href="../index.html">All pages</a> <a href="../docs/index.html">Docs</a>'
    shelf = f"<p>{ways} {link}</p>\n"
    page = page.replace("<title>", f"{tags}<title>", 1)
    return page.replace("<header>", f"<header>\n{shelf}", 1)


def _index(shown: Mapping[str, SitePage]) -> bytes:
    def shelf(folder: str) -> str:
        mine = (name for name in shown if name.startswith(folder))
        return "\n".join(_item(name, shown[name]) for name in mine)

    return Template(_text("index.html")).substitute(
        policy=html.escape(POLICY), version=gmemviz.__version__, lead=html.escape(LEAD),
        designs=shelf("gallery/"), recordings=shelf("recordings/"),
    ).encode()  # fmt: skip


def _item(name: str, page: SitePage) -> str:
    name, said, says = map(html.escape, (name, page.name, page.says))
    return f'<li><a href="{name}">{said}</a> {says}</li>'


def _licences() -> bytes:
    rows = (
        f"{name} {row['version']} (npm): {row['licence']}\n" for name, row in packages().items()
    )
    return ("gmemviz: MIT, see LICENSE.txt\n" + "".join(rows)).encode()


def _text(name: str) -> str:
    return (FILES / name).read_text(encoding="utf-8")


def _playground(shown: Mapping[str, SitePage]) -> bytes:
    gallery = "".join(_option(name, name) for name in designs())
    first = json.dumps(first_value()).replace("<", "\\u003c")
    return Template(_text("playground.html")).substitute(
        policy=html.escape(POLICY), version=gmemviz.__version__, gallery=gallery,
        filesystems="\n".join(map(_group, snapshots())), first=first, lists=_lists(),
        recordings=_recorded(page.name for name, page in shown.items() if "recordings/" in name),
        stylesheet="site.css", script="playground.js", language="language.html",
    ).encode()  # fmt: skip


def _recorded(names: Iterable[str]) -> str:
    options = "".join(_option(f"recording={name}", name) for name in names)
    return f'<optgroup label="recordings of real kernels">{options}</optgroup>'


# What the matrix and the search of Designs are asked by a list; an address may ask others.
def _lists() -> str:
    newest = kernels()[-1]
    cells = "".join(
        _option(f"matrix={kernel}/{mount}", f"{kernel}, {mount}")
        for kernel, mount in product(kernels(), MOUNTS)
    )
    keeps = "".join(_option(f"designs={newest}/own/{name}", name) for name in METADATA)
    return (
        f'<optgroup label="all cells of">{cells}</optgroup>'
        f'<optgroup label="Designs of {newest} that keep">{keeps}</optgroup>'
    )


def _group(kernel: str) -> str:
    names = filesystem_names(load(kernel))
    options = "".join(_option(f"fs={kernel}/{name}", name) for name in names)
    return f'<optgroup label="filesystems of {kernel}, from their source">{options}</optgroup>'


def _option(value: str, said: str) -> str:
    return f'<option value="{html.escape(value)}">{html.escape(said)}</option>'


def _language() -> bytes:
    text = html.escape((ROOT / "LANGUAGE.md").read_text(encoding="utf-8"))
    return Template(_text("language.html")).substitute(
        policy=html.escape(POLICY), version=gmemviz.__version__, language=text
    ).encode()  # fmt: skip


def npm_files() -> Iterator[tuple[str, bytes]]:
    """Yield each file that comes from npm, with its name on the site."""
    for name, row in packages().items():
        packed = io.BytesIO(fetched(name, row["version"], row["sha512"]))
        with tarfile.open(fileobj=packed) as archive:
            for inside in row["files"]:
                file = archive.extractfile(f"package/{inside}")
                assert file, f"{name} has no {inside}"
                yield f"{name}/{inside}", file.read()


def is_shelved(name: str) -> bool:
    """Tell whether a file is a page of its own, which needs no keeping: it is one file, whole."""
    return name.startswith(("gallery/", "recordings/"))


def service(files: Mapping[str, bytes]) -> bytes:
    """Return the service worker, which keeps these files; it changes with any of them."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(name.encode() + hashlib.sha256(files[name]).digest())
    names = json.dumps(["./" + name for name in sorted(files)])
    return (
        _text("service.js")
        .replace("$version", gmemviz.__version__)
        .replace("$digest", digest.hexdigest()[:12])
        .replace("$files", names)
        .encode()
    )


def running() -> dict[str, bytes]:
    """Return every file that answers in a browser: Pyodide, the package, and its worker."""
    files = dict(npm_files())
    mine = {name.removeprefix(PYODIDE): files[name] for name in files if name.startswith(PYODIDE)}
    made = started(mine, package_zip())
    del files[f"{PYODIDE}python_stdlib.zip"]  # python.zip has its modules, compiled
    return {**files, **made.files, "worker.js": _worker(made)}


def _worker(made: Started) -> bytes:
    kept = json.dumps(made.kept, sort_keys=True)
    return _text("worker.js").replace("$kept", kept).encode()


def write(out: Path = OUT) -> Sequence[str]:
    """Write the site into a folder, and return the names of its files."""
    files = {**pages(), **running()}
    files["service.js"] = service({name: files[name] for name in files if not is_shelved(name)})
    for name, content in files.items():
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        write_whole(out / name, content)
    return sorted(files)


if __name__ == "__main__":
    print(f"{OUT.relative_to(ROOT)}: {len(write())} files")
    print(f"{OUT.relative_to(ROOT)}/docs: {docs.build(OUT / 'docs')} pages")
    print(f"python3 -m http.server --bind 127.0.0.1 --directory {OUT.relative_to(ROOT)} 8000")
