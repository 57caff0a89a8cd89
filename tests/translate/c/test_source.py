"""A Design as C: golden texts, and nothing of it by the names of patterns."""

import re

import pytest

from gmemviz.errors import DesignError
from gmemviz.model import Design, design_from_choices
from gmemviz.study import designs, gallery
from gmemviz.translate.c.names import cannot_write
from gmemviz.translate.c.source import CREATOR, driver_table, module_source, source_lines
from tests.translate.c.texts import GOLDEN, every_cell, functions, own


@pytest.mark.parametrize("name", GOLDEN)
def test_the_text_of_a_design(golden, name):
    design = GOLDEN[name]
    golden(f"module-{name}.c", f"{module_source(design)}\n{driver_table(design)}")


def test_every_cell_that_is_a_design_has_a_text_and_different_ones_differ():
    texts = {}
    for design in every_cell():
        if cannot_write(design):
            assert design.keeps[0].placement.word_only
            continue
        text = module_source(design)
        assert text.count("{") == text.count("}")
        assert max(len(line.expandtabs(8)) for line in text.splitlines()) <= 100
        assert texts.setdefault(text, design.title) == design.title
    assert len(texts) == 4680 - 702


def test_names_are_those_of_the_start_alone():
    design = GOLDEN["container"]
    assert module_source(design, start="c7").replace("c7_", "your_") == module_source(design)


def test_the_gallery_has_texts_or_reasons():
    reasons = {name: cannot_write(gallery(name)) for name in designs()}
    assert {name for name, why in reasons.items() if not why} >= {
        "guest_memfd-7.3", "guest_memfd-6.12", "hugetlbfs-7.3", "in-place-conversion",
    }  # fmt: skip
    for name, why in reasons.items():
        if why:
            with pytest.raises(DesignError, match="cannot be written as a module"):
                module_source(gallery(name))
        else:
            assert "your_file_operations" in module_source(gallery(name))


def test_the_licence_stands_first():
    for name in GOLDEN:
        first = module_source(GOLDEN[name]).splitlines()[0]
        assert first == "// SPDX-License-Identifier: GPL-2.0 OR MIT"


def test_no_words_of_a_design_end_a_comment():
    text = module_source(own("tree", says="*/ int evil(void); /* \\\\"))
    outside = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    assert "evil" in text
    assert "evil" not in outside
    assert "\\" not in text


WRITTEN = [name for name in designs() if not cannot_write(gallery(name))]


@pytest.mark.parametrize("name", WRITTEN)
def test_every_hook_of_the_gallery_is_there_and_in_its_table(name):
    design = gallery(name)
    text = module_source(design)
    for hook in (hook for hook, _ in design.hooks if hook not in ("free_folio", "d_release")):
        assert f"your_{hook}" in functions(text)
        assert f"\t.{hook} = your_{hook},\n" in text


def test_each_action_has_the_line_that_does_it():
    design = design_from_choices(
        kernel="7.3", mount="own", placement="containing-struct",
        cleanup="evict-before-truncate", metadata="resv_map",
    )  # fmt: skip
    text, lines = module_source(design).split("\n"), source_lines(design)
    evict = {word: text[at - 1].strip() for word, at in lines.items() if "evict" in word}
    assert evict == {
        "evict_inode": "static void your_evict_inode(struct inode *inode)",
        "evict_inode: free resv_map": "your_resv_map_free(map);",
        "evict_inode: truncate": "truncate_inode_pages_final(&inode->i_data);",
        "evict_inode: clear_inode": "clear_inode(inode);",
    }
    assert text[lines[CREATOR] - 1].startswith("static int your_attach(")


def test_a_hook_that_is_played_leads_to_its_head_alone():
    design = Design.from_text(
        'kernel = "7.3"\nmount = "own"\nmetadata.tree = { placement = "containing-struct" }\n'
        'hooks.alloc_inode = ["alloc container", "init tree"]\n'
        'hooks.destroy_inode = ["read tree", "free tree after a grace period"]\n'
        'hooks.free_inode = ["free struct"]\n',
        name="played",
    )
    text, lines = module_source(design).split("\n"), source_lines(design)
    assert {*lines} - {CREATOR} == {"alloc_inode", "destroy_inode", "free_inode"}
    assert "your_destroy_inode(" in text[lines["destroy_inode"] - 1]
