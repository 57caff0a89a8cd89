"""docs/words.md is what words.toml comes to, and `explain` answers each of its words."""

import re

from gmemviz.study import explain
from scripts import words


def test_the_page_is_what_is_written():
    assert words.PAGE.read_text(encoding="utf-8") == words.page()


def test_each_word_of_the_page_is_explained():
    told = re.findall(r"^\| ([^|]+) \|", words.page(), re.MULTILINE)
    assert len(told) > 80
    for word in told:
        if word not in ("word", "---"):
            assert [found.says for found in explain(word)]
