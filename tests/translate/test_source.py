"""A Design as C: golden texts, one function a hook, and nothing of it by the names of patterns."""

import re
from dataclasses import replace

import pytest

from gmemviz.errors import DesignError
from gmemviz.model import Design, design_from_choices
from gmemviz.model.design.actions import hooks_of
from gmemviz.model.design.limits import C_KEYWORDS
from gmemviz.study import cells, designs, gallery
from gmemviz.study.matrix import NAMES
from gmemviz.translate.c.names import Names, cannot_write, word
from gmemviz.translate.c.source import driver_table, module_source
from gmemviz.translate.c.units import module_units

FUNCTION = re.compile(
    r"^static (?:[\w ]+?[ *]+)(\w+)\(([^)]*)\)\n\{\n(.*?)^\}\n", re.MULTILINE | re.DOTALL
)


def cell(placement, cleanup, metadata, mount="own", kernel="6.12"):
    return design_from_choices(
        kernel=kernel, mount=mount, placement=placement, cleanup=cleanup, metadata=metadata
    )


def functions(text):
    return {name: body for name, _, body in FUNCTION.findall(text)}


GOLDEN = {
    "container": cell("containing-struct", "destroy+free", "shared_policy"),
    "pointer": cell("i_private", "evict-before-truncate", "attributes-tree"),
    "xarray": cell("global-xarray", "destroy-own-rcu", "hugetlb-subpool"),
    "word": cell("i_private-flags", "drop-returns-0", "flags"),
    "file": cell("file-private_data", "release", "resv_map"),
    "born": cell("i_private_data", "free-all", "alloc-time-blob"),
    "anon": cell("i_private", "evict-after-truncate", "rcu-blob", mount="anon-inode"),
    "guest_memfd": gallery("guest_memfd-7.3"),
    "rfc": gallery("rfc-v1-hugetlb"),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_the_text_of_a_design(golden, name):
    design = GOLDEN[name]
    golden(f"module-{name}.c", f"{module_source(design)}\n{driver_table(design)}")


def every_cell():
    return [design_from_choices(**dict(zip(NAMES, one, strict=True))) for one in cells()]


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


def test_names_are_those_of_the_start_alone():
    design = GOLDEN["container"]
    assert module_source(design, start="c7").replace("c7_", "your_") == module_source(design)


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


def test_what_needs_a_lock_takes_it_and_what_is_scarce_is_counted():
    text = functions(module_source(GOLDEN["pointer"]))
    assert "mutex_lock(&your_attributes_tree_lock)" in text["your_attributes_tree_free"]
    text = functions(module_source(GOLDEN["container"]))
    assert "spin_lock(&policy->lock)" in text["your_shared_policy_free"]
    text = functions(module_source(GOLDEN["xarray"]))
    assert "atomic_inc" in text["your_hugetlb_subpool_free"]
    assert "wait_in_a_corner" in text["your_hugetlb_subpool_free"]


def test_a_designs_own_metadata_is_written_from_what_it_needs():
    design = Design.from_text("""
        name = "mine"
        kernel = "6.12"
        mount = "own"
        metadata.tree = { placement = "i_private", release = "sleeping lock", scarce = true }
        hooks.destroy_inode = ["free tree", "free struct"]
    """)
    found = functions(module_source(design))
    assert "mutex_lock(&your_tree_lock)" in found["your_tree_free"]
    assert "atomic_dec_if_positive(&your_tree_left)" in found["your_tree_alloc"]
    assert found["your_destroy_inode"].index("your_tree_free") < found["your_destroy_inode"].index(
        "free_inode_nonrcu"
    )


def test_what_a_kernel_lacks_is_said_in_the_text():
    old = cell("i_private_data", "none", "resv_map")
    new = cell("i_private_data", "none", "resv_map", kernel="7.3")
    assert "has no such field" not in module_source(old)
    assert "struct address_space of 7.3 has no such field" in module_source(new)


def test_texts_for_two_kernels_differ_only_where_their_facts_do():
    differ = set()
    for design in every_cell():
        if design.kernel != "6.12" or cannot_write(design):
            continue
        texts = (module_source(design), module_source(replace(design, kernel="7.3")))
        old, new = (text.partition("\n */\n")[2] for text in texts)  # below the title
        if old != new:
            differ.add(design.keeps[0].placement.name)
    assert differ == {"i_private_data"}


def test_the_gallery_has_texts_or_reasons():
    reasons = {name: cannot_write(gallery(name)) for name in designs()}
    assert {name for name, why in reasons.items() if not why} >= {
        "guest_memfd-7.3", "guest_memfd-6.12", "shmem-7.3", "in-place-conversion",
    }  # fmt: skip
    for name, why in reasons.items():
        if why:
            with pytest.raises(DesignError, match="cannot be written as a module"):
                module_source(gallery(name))
        else:
            assert "your_file_operations" in module_source(gallery(name))


def test_many_designs_go_into_few_files_and_one_table():
    chosen = {f"c{number}": GOLDEN["pointer"] for number in range(130)}
    units = module_units(chosen)
    assert list(units) == ["designs_0", "designs_1", "designs_2", "table"]
    assert units["designs_0"].count("#line 1") == 60
    assert '#line 1 "c129.c"' in units["designs_2"]
    assert re.findall(r"&(c\d+)_design", units["table"]) == list(chosen)


def test_the_licence_stands_first():
    for name in GOLDEN:
        first = module_source(GOLDEN[name]).splitlines()[0]
        assert first == "// SPDX-License-Identifier: GPL-2.0 OR MIT"


def own(name, says="mine", **needs):
    said = "".join(f", {key} = {value}" for key, value in needs.items())
    return Design.from_text(f"""
        name = "*/ mine \\\\"
        kernel = "6.12"
        mount = "own"
        metadata.{name} = {{ placement = "containing-struct", says = "{says}"{said} }}
        hooks.free_inode = ["free {name}", "free struct"]
    """)


@pytest.mark.parametrize("name", ["inode", "register", "my-inode", "2nd", "error", "static"])
def test_a_name_that_c_has_already_becomes_another(name):
    found = functions(module_source(own(name)))
    (freed,) = [body for function, body in found.items() if function.endswith("_free")]
    variable = re.search(r"kmem_cache_free\(\w+, (\w+)\)", freed)[1]
    assert variable.startswith("m_")
    assert f"your_{name}_cache" not in module_source(own(name)) or name not in ("inode", "2nd")


@pytest.mark.parametrize("name", ["__init", "_a", "__asm__", "_", "__", "fallthrough", "notrace"])
def test_no_name_is_one_of_the_compilers_or_a_macro_of_the_kernels(name):
    assert word(name) == f"m_{name}"


@pytest.mark.parametrize("name", ["tree_", "tree-", "tree__", "_", "__", "__tree__", "8_", "_-_"])
def test_each_name_has_a_variable(name):
    (kept,) = own(name).keeps
    found = Names("your", own(name)).of(kept)
    assert all(re.fullmatch("[a-z]+[a-z0-9_]*", one) for one in (found.x, found.v))
    assert not {found.x, found.v} & C_KEYWORDS


def test_a_name_that_c_lets_pass_stays():
    assert "struct your_tree *tree = your_tree_of(inode);" in module_source(own("tree"))


def test_no_words_of_a_design_end_a_comment():
    text = module_source(own("tree", says="*/ int evil(void); /* \\\\"))
    outside = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    assert "evil" in text
    assert "evil" not in outside
    assert "\\" not in text


def test_two_kinds_of_one_name_in_c_are_refused():
    text = """
        name = "mine"
        kernel = "6.12"
        mount = "own"
        metadata.a-b = { placement = "containing-struct" }
        metadata.a_b = { placement = "containing-struct" }
        hooks.free_inode = ["free a-b", "free a_b", "free struct"]
    """
    assert cannot_write(Design.from_text(text)) == "two kinds of metadata would be called a_b in C"


def test_a_word_that_is_given_back_under_a_lock_is_refused():
    assert "by clearing it alone" in cannot_write(own("flags", release='"sleeping lock"'))
    assert cannot_write(own("flags")) == ""


WRITTEN = [name for name in designs() if not cannot_write(gallery(name))]


@pytest.mark.parametrize("name", WRITTEN)
def test_every_hook_of_the_gallery_is_there_and_in_its_table(name):
    design = gallery(name)
    text = module_source(design)
    for hook in (hook for hook, _ in design.hooks if hook not in ("free_folio", "d_release")):
        assert f"your_{hook}" in functions(text)
        assert f"\t.{hook} = your_{hook},\n" in text
