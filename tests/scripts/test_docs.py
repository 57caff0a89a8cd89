"""The documentation: its pages are there, ask nobody else, and lead where something is."""

import html
import re
from urllib.parse import unquote, urldefrag, urlsplit

import pytest

import gmemviz
from gmemviz.cli.commands import command_names
from gmemviz.errors import GmemvizError
from scripts import docs

ASKS = re.compile(r"""<(?!a\b)\w+[^>]*\s(?:src|href|srcset|data|poster)=["']([^"']+)""")
LEADS = re.compile(r"""<a\b[^>]*\shref=["']([^"']+)""")
NAMED = re.compile(r"""\s(?:id|name)=["']([^"']+)""")
OF_STYLES = re.compile(r"""(?:url\(|@import)\s*["']?((?:https?:)?//[^"')]+)""")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Make them all, in a folder of a site's; that costs ten seconds."""
    site = tmp_path_factory.mktemp("site")
    for name in ("index.html", "playground.html"):
        (site / name).touch()
    docs.build(site / "docs")
    return site / "docs"


@pytest.fixture(scope="module")
def pages(folder):
    return {page: page.read_text(encoding="utf-8") for page in folder.rglob("*.html")}


@pytest.mark.docs
def test_every_page_is_there(folder):
    for pattern in docs.PAGES:
        for path in docs.ROOT.glob(pattern):
            if path.suffix in (".md", ".ipynb"):
                page = path.relative_to(docs.ROOT).with_suffix(".html")
                assert (folder / page).is_file()
    notebook = (folder / "notebooks" / "00_start_here.html").read_text()
    assert "data:image/" in notebook  # the stored picture of a widget
    assert "application/vnd.jupyter.widget" not in notebook


@pytest.mark.docs
def test_no_page_asks_another_server(folder, pages):
    for page, text in pages.items():
        asked = [each for each in ASKS.findall(text) if each.startswith(("http:", "https:", "//"))]
        assert asked == [], page
        assert "Content-Security-Policy" in text
        assert "site.invalid" not in text
    for style in folder.rglob("*.css"):
        assert OF_STYLES.findall(style.read_text(encoding="utf-8")) == [], style


@pytest.mark.docs
def test_every_link_leads_somewhere(pages):
    names = {
        page: {html.unescape(each) for each in NAMED.findall(text)} for page, text in pages.items()
    }
    broken = []
    for page, text in pages.items():
        for link in map(html.unescape, LEADS.findall(text)):
            if urlsplit(link).scheme:
                continue
            path, place = urldefrag(link)
            target = (page.parent / unquote(path)).resolve() if path else page
            if not target.is_file() or (target in names and place and place not in names[target]):
                broken.append((page.name, link))
    assert broken == []


def test_what_is_told_of_itself_is_whole():
    made = dict(docs.made_pages())
    assert set(made) == {
        "index.md",
        *(f"reference/{name}.md" for name in ("commands", "words", "python")),
    }
    assert all(f"\n## {name}\n" in made["reference/commands.md"] for name in command_names())
    assert all(f"\n### {name}\n" in made["reference/python.md"] for name in gmemviz.EXPORTS)
    assert "| `use-after-free` |" in made["reference/words.md"]


def test_a_page_leads_up_as_far_as_it_lies_deep():
    page = docs.sealed(f'<head></head><a href="{docs.UP}index.html">', 2)
    assert 'href="../../index.html"' in page
    assert "sha256" not in page


def test_an_inline_script_is_named_by_its_hash():
    page = docs.sealed('<head></head><script>1</script><script src="a.js"></script>', 1)
    assert page.count("sha256-") == 1
    assert "sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=" in page


@pytest.mark.docs
def test_a_warning_of_sphinx_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(docs, "PAGES", ())
    monkeypatch.setattr(docs, "made_pages", lambda: [("index.md", "# x\n\n[y](nowhere.md)\n")])
    with pytest.raises(GmemvizError, match=r"nowhere\.md"):
        docs.build(tmp_path / "docs")
