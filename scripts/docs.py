"""Write the documentation for the site: `make site` -> out/site/docs, by Sphinx and myst-nb.

    index.html               README, and the way to all others
    notebooks/*.html         with their stored outputs: nothing is executed
    docs/*.html              how-tos, and every command with what it prints
    reference/*.html         functions by their docstrings, commands by their help, all words

The pages ask nobody but their own server: a policy in each says so. Sphinx is of the extra `docs`;
a warning of it is an error.
"""

import base64
import hashlib
import html
import inspect
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import Any, Final

import gmemviz
from gmemviz.cli.commands import add_command, command_names
from gmemviz.cli.line import Parser
from gmemviz.errors import GmemvizError
from gmemviz.study import Explained, lists
from gmemviz.whole import write_whole

ROOT: Final = Path(__file__).resolve().parent.parent
FILES: Final = ROOT / "scripts" / "site_files"

PAGES: Final = (
    "README.md", "LANGUAGE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "docs/*.md",
    "notebooks/*.ipynb", "notebooks/README.md", "notebooks/pictures/*",
    "gmemviz/study/gallery.toml", "gmemviz/**/*.schema.json",
)  # fmt: skip
"""What is copied as it is, so that links between pages lead where they do in a checkout."""

UP: Final = "https://site.invalid/"
"""What a source writes for the site's own folder: a page's depth is known once it is made."""

POLICY: Final = (
    "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'self'"
)
"""What a page may do. Stored outputs have styles of their own, and no script: the theme's few
inline scripts are named by their hashes."""

INLINE: Final = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)
ROOMS: Final = ("evidence", "facts", "model", "page", "probe", "record", "render", "study")


def build(out: Path) -> int:
    """Write all pages into a folder, made anew; return how many. GmemvizError says what failed."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        _copy(source)
        for name, text in made_pages():
            (source / name).parent.mkdir(exist_ok=True)
            write_whole(source / name, text.encode())
        shutil.copy(FILES / "docs_conf.py", source / "conf.py")
        shutil.rmtree(out, ignore_errors=True)
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", "html"]
        command += [str(source), str(out), "-d", str(source / "kept")]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise GmemvizError(f"Sphinx made no pages: {done.stderr.strip()[-2000:]}")
    shutil.rmtree(out / "_sources", ignore_errors=True)  # a notebook's is as large as its page
    pages = sorted(out.rglob("*.html"))
    for page in pages:
        depth = len(page.relative_to(out).parts)
        write_whole(page, sealed(page.read_text(encoding="utf-8"), depth).encode())
    return len(pages)


def sealed(page: str, depth: int) -> str:
    """Return a page that leads to the site around it, with its policy.

    >>> sealed('<head><script>1</script><a href="https://site.invalid/index.html">', 2)[:51]
    '<head><meta http-equiv="Content-Security-Policy" co'
    """
    digests = {hashlib.sha256(text.encode()).digest() for text in INLINE.findall(page)}
    hashes = "".join(sorted(f" 'sha256-{base64.b64encode(each).decode()}'" for each in digests))
    policy = html.escape(POLICY.format(hashes=hashes))
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    return page.replace("<head>", f"<head>{meta}", 1).replace(UP, "../" * depth)


def _copy(source: Path) -> None:
    for pattern in PAGES:
        for path in ROOT.glob(pattern):
            target = source / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)


def made_pages() -> Iterator[tuple[str, str]]:
    """Yield each page that no file has: the index, and what the package tells of itself."""
    yield "index.md", (FILES / "docs_index.md").read_text(encoding="utf-8")
    yield "reference/commands.md", "".join(("# Commands\n", *map(_command, command_names())))
    yield "reference/words.md", "".join(_words())
    yield "reference/python.md", "".join(_python())


def _command(name: str) -> str:
    parser = add_command(Parser(prog="gmemviz").add_subparsers(), name, is_typed=True)
    return f"\n## {name}\n\n```text\n{parser.format_help()}```\n"


# --- words -------------------------------------------------------------------------------


def _words() -> Iterator[str]:
    yield "# All words\n\nWhat `gmemviz explain` tells, list by list.\n"
    for name, several in lists().items():
        yield f"\n## {name[0].upper()}{name[1:]}\n\n| word | what it means | from | shown by |\n"
        yield "|---|---|---|---|\n"
        yield from map(_row, several)


def _row(found: Explained) -> str:
    source, example = (f"`{text}`" if text else "" for text in (found.source, found.example))
    link = f"{UP}playground.html#{found.state}"
    shown = f"[{found.state}]({link})" if found.state else example
    cells = (f"`{found.word}`", found.says, source, shown)
    return f"| {' | '.join(_cell(text) for text in cells)} |\n"


def _cell(text: str) -> str:
    return _prose(text).replace("|", "\\|")


# What Markdown would take for a tag, or for bold, and is neither; code between ` stays.
def _prose(text: str) -> str:
    parts = text.split("`")
    parts[::2] = [part.replace("<", "&lt;").replace("__", "\\_\\_") for part in parts[::2]]
    return "`".join(parts)


# --- the package -------------------------------------------------------------------------


def _python() -> Iterator[str]:
    yield f"# Functions and classes\n\n{_told(gmemviz)}\n"
    yield "\n## gmemviz\n"
    for name in gmemviz.EXPORTS:
        yield from _named(name, getattr(gmemviz, name))
    for room in ROOMS:
        module = import_module(f"gmemviz.{room}")
        yield f"\n## gmemviz.{room}\n\n{_told(module)}\n"
        for name in sorted(set(module.__all__) - set(gmemviz.EXPORTS)):
            value = getattr(module, name)
            if inspect.isfunction(value) or inspect.isclass(value):
                yield from _named(name, value)


def _named(name: str, value: Any) -> Iterator[str]:
    try:
        takes = str(inspect.signature(value))
    except (TypeError, ValueError):  # an alias of types has none
        takes = ""
    yield f"\n### {name}\n\n```text\n{name}{takes}\n```\n\n{_told(value)}\n"


# A docstring is nearly Markdown: what is typed into Python stands in a fence.
def _told(value: Any) -> str:
    text = inspect.getdoc(value) or ""
    paragraphs = (_fenced(each) for each in re.split(r"\n\s*\n", text))
    return "\n\n".join(paragraphs)


def _fenced(paragraph: str) -> str:
    is_typed = paragraph.lstrip().startswith(">>>") or paragraph.startswith("  ")
    return f"```text\n{dedent(paragraph)}\n```" if is_typed else _prose(paragraph)
