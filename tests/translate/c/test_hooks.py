"""Each hook is one function with its actions in order."""

import re
from dataclasses import replace

from gmemviz.model.design.actions import hooks_of
from gmemviz.translate.c.names import cannot_write
from gmemviz.translate.c.source import module_source
from tests.translate.c.texts import cell, every_cell, functions


def test_each_hook_is_one_function_with_its_actions_in_order():
    for design in every_cell():
        if cannot_write(design):
            continue
        found = functions(module_source(design))
        hooks = {f"your_{hook}" for hook, _ in design.hooks}
        assert hooks <= found.keys()
        body = found.get("your_evict_inode", "")
        said = [
            word
            for line in body.splitlines()
            for word in re.findall(
                r"truncate_inode_pages_final|clear_inode\(|_free\(|xa_erase", line
            )
        ]
        does = [action.verb for action in design.body("evict_inode") or ()]
        is_word = design.keeps[0].kind.name == "flags"
        if is_word or design.keeps[0].placement.holder in ("file", "xarray"):
            continue
        words = {"truncate": "truncate_inode_pages_final", "clear_inode": "clear_inode(",
                 "free": "_free("}  # fmt: skip
        assert said == [words[verb] for verb in does]


def test_a_text_follows_the_actions_and_not_the_name_of_a_pattern():
    design = cell("i_private", "evict-after-truncate", "resv_map")
    other = cell("i_private", "evict-before-truncate", "resv_map")
    renamed = replace(design, cleanup="evict-before-truncate")
    mended = replace(renamed, hooks=other.hooks)
    assert functions(module_source(renamed)) == functions(module_source(design))
    assert functions(module_source(mended)) == functions(module_source(other))


def test_a_hook_that_does_not_test_for_null_has_no_test():
    tested = cell("i_private", "evict-after-truncate", "resv_map")
    bare = replace(
        tested,
        hooks=hooks_of({"evict_inode": ("truncate", "clear_inode", "free resv_map untested")}),
    )
    assert "if (map)" in functions(module_source(tested))["your_evict_inode"]
    assert "if (map)" not in functions(module_source(bare))["your_evict_inode"]
