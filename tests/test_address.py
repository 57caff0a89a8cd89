"""Where somebody else opens an answer, and what a link carries."""

import base64
import zlib

import pytest

from gmemviz.address import LONGEST, link_to, packed, site
from gmemviz.errors import UsageError
from gmemviz.model import Design, check, design_from_choices
from gmemviz.study import gallery, mail, verdict_text, words_of
from gmemviz.version import __version__

SITE = "https://example.org/gmemviz"
SIGNED = f"Answered by gmemviz {__version__}."
CELL = ("7.3", "own", "i_private", "none", "resv_map")


@pytest.fixture
def on_the_web(monkeypatch):
    monkeypatch.setenv("GMEMVIZ_SITE", SITE + "/")


def unpacked(words):
    letters = words.removeprefix("toml=")
    return zlib.decompress(base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)), -15)


def test_without_a_site_there_is_no_link(monkeypatch):
    for nothing in ("", "  "):
        monkeypatch.setenv("GMEMVIZ_SITE", nothing)
        assert (site(), link_to("rfc-v2")) == ("", "")


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "example.org", "https://", "ftp://example.org/x",
     "https://example.org/#x", "https://example.org/?x", 'https://example.org/"><b>',
     "https://exämple.org", "http://[::1", "https://e.org:notaport/", "https://e.org:0", "https://a b.org"],
)  # fmt: skip
def test_what_no_browser_opens_is_refused(monkeypatch, address):
    monkeypatch.setenv("GMEMVIZ_SITE", address)
    with pytest.raises(UsageError, match="is the address of a folder that `make site` wrote"):
        link_to("rfc-v2")


def test_a_link_carries_the_words_as_they_are(on_the_web):
    assert link_to("7.3/own/i_private/destroy+free/resv_map/to-leak/7") == (
        f"{SITE}/playground.html#7.3/own/i_private/destroy+free/resv_map/to-leak/7"
    )
    assert link_to("fs=7.3/ext4") == f"{SITE}/playground.html#fs=7.3/ext4"
    assert link_to('<b "x">') == f"{SITE}/playground.html#%3Cb%20%22x%22%3E"
    assert link_to("") == ""


def test_a_design_is_packed_and_comes_back_whole(on_the_web):
    text = 'kernel = "7.3"\n# größer\n' * 30
    assert unpacked(packed(text)).decode() == text
    assert link_to(packed(text)).endswith("#" + packed(text))
    chance = "".join(map(str, range(20_000)))
    assert packed(chance) == ""
    assert len(packed("x" * 100_000)) < LONGEST


def below(text):
    """Return what stands below the two dashes of a mail."""
    _, sign, rest = text.partition("\n-- \n")
    assert sign
    return rest.splitlines()


@pytest.mark.parametrize(("words", "design"), [
    ("rfc-v2", lambda: gallery("rfc-v2")),
    ("/".join(CELL), lambda: design_from_choices(**dict(zip(
        ("kernel", "mount", "placement", "cleanup", "metadata"), CELL, strict=True)))),
])  # fmt: skip
def test_a_mail_says_who_answered_and_how_to_ask_again(monkeypatch, words, design):
    monkeypatch.delenv("GMEMVIZ_SITE", raising=False)
    report = check(design())
    assert words_of(report.design) == words
    assert mail(report).startswith(verdict_text(report))
    lines = [SIGNED, f"gmemviz check --state {words}"]
    assert below(mail(report)) == lines
    monkeypatch.setenv("GMEMVIZ_SITE", SITE)
    assert below(mail(report)) == [*lines, f"{SITE}/playground.html#{words}"]


OWN = """
    kernel = "7.3"
    mount = "own"
    metadata.tree.placement = "i_private"
    hooks.evict_inode = ["truncate", "free tree", "clear_inode"]
"""


def test_ones_own_design_has_a_link_if_it_is_short_enough(on_the_web):
    report = check(Design.from_text(OWN, name="rfc-v2"))  # no name of another makes it that one
    assert words_of(report.design) == ""
    assert below(mail(report)) == [SIGNED]
    packed_link = f"{SITE}/playground.html#{packed(OWN)}"
    assert below(mail(report, address=packed(OWN))) == [SIGNED, packed_link]
    assert "send its TOML as a file" in below(mail(report, address=""))[1]
