"""Write docs/words.md, which tells our own words and the kernel's that our prose uses.

It is made of `gmemviz/study/words.toml`, as `gmemviz explain` is: `python -m scripts.words`; a test
holds it equal.
"""

from pathlib import Path
from typing import Final

from gmemviz.study import Explained, lists
from gmemviz.whole import write_whole

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "words.md"

HEAD: Final = """\
# Words

`gmemviz explain WORD` tells these, and each that a Design, a verdict or a list has. This page is
made of `gmemviz/study/words.toml` (`python -m scripts.words`).
"""

PARTS: Final = {
    "Ours": "word of gmemviz",
    "The kernel's": "word of the kernel",
    "Keys of a Design": "key of a Design",
}
"""The headings of the page, each with its list."""


def page() -> str:
    """Return the text of the page."""
    return HEAD + "".join(f"\n## {head}\n\n{_table(of)}" for head, of in PARTS.items())


def _table(of: str) -> str:
    rows = "".join(map(_row, lists([of])[of]))
    return f"| word | what is meant by it |\n|---|---|\n{rows}"


def _row(found: Explained) -> str:
    where = f" (`{found.source}`)" if found.source else ""
    return f"| {found.word} | {found.says}{where} |\n"


if __name__ == "__main__":
    write_whole(PAGE, page().encode())
