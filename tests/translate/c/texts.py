"""Designs whose C the tests of this folder look at, and the functions in it."""

import re

from gmemviz.model import Design, design_from_choices
from gmemviz.study import cells, gallery
from gmemviz.study.matrix import NAMES

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


def every_cell():
    return [design_from_choices(**dict(zip(NAMES, one, strict=True))) for one in cells()]


def own(name, says="mine", **needs):
    said = "".join(f", {key} = {value}" for key, value in needs.items())
    return Design.from_text(f"""
        name = "*/ mine \\\\"
        kernel = "6.12"
        mount = "own"
        metadata.{name} = {{ placement = "containing-struct", says = "{says}"{said} }}
        hooks.free_inode = ["free {name}", "free struct"]
    """)
