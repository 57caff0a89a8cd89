"""Say where somebody else opens an answer: the site's address, and what stands behind its #.

    GMEMVIZ_SITE=https://example.org/gmemviz      who has put `make site`'s folder on a server

Behind the # stand a state's words, `fs=KERNEL/NAME`, or `toml=` with a Design of one's own, packed.
"""

import base64
import os
import zlib
from typing import Final
from urllib.parse import quote, urlsplit

from gmemviz.errors import UsageError, shown

SITE: Final = "GMEMVIZ_SITE"
"""The variable that has the site's address."""

PLAYGROUND: Final = "playground.html"

LONGEST: Final = 8192
"""Characters of a packed Design that an address may have; mails and chats cut longer ones."""

PACKED: Final = "toml="

SAFE: Final = "/=+~,:@"
"""Signs that may stand behind a # as they are, beside letters, digits and `-._`."""


def site() -> str:
    """Return the site's address without a slash at its end, "" where none is set.

    UsageError where it is no address that a browser opens.
    """
    said = os.environ.get(SITE, "").strip()
    if not said:
        return ""
    try:
        parts = urlsplit(said)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname)
        is_address = is_address and parts.port != 0  # ValueError for one that is no number
    except ValueError:
        is_address = False
    is_plain = said.isascii() and said.isprintable() and not set(said) & set(" \"'<>`\\{}|^#?")
    if not (is_address and is_plain):
        raise UsageError(
            f"{SITE} is the address of a folder that `make site` wrote, such as "
            f"https://example.org/gmemviz, not {shown(said)}"
        )
    return said.rstrip("/")


def link_to(words: str) -> str:
    """Return the address at which the site's playground shows what `words` say.

    It is "" where no site is set, or where there are no words.

    >>> os.environ[SITE] = "https://example.org/"
    >>> link_to("guest_memfd-7.3/last-close/12")
    'https://example.org/playground.html#guest_memfd-7.3/last-close/12'
    >>> del os.environ[SITE]
    """
    where = site()
    return f"{where}/{PLAYGROUND}#{quote(words, safe=SAFE)}" if where and words else ""


def packed(toml: str) -> str:
    """Return a Design's text as what stands behind a #; "" where it would be too long for that.

    It is deflated, in the letters of base64url.

    >>> packed('kernel = "7.3"')
    'toml=y04tykvNUbBVUDLXM1YCAA'
    """
    deflated = zlib.compress(toml.encode(), 9, wbits=-15)
    words = PACKED + base64.urlsafe_b64encode(deflated).decode().rstrip("=")
    return words if len(words) <= LONGEST else ""
