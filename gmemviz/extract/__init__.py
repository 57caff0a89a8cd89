"""Facts from a kernel source tree: our own small scanner of kernel-style C.

Not here: what facts are (`gmemviz.facts`), what they mean (`model`), pictures.
May import: errors, facts.
"""

from gmemviz.extract.deeds import API, SECTIONS, Api, ApiRow, KernelDeeds, Rested
from gmemviz.extract.kernel import extract
from gmemviz.extract.names import DEFAULT_ROOTS, SCOPE
from gmemviz.extract.tree import Tree
from gmemviz.extract.walk import Progress, quiet

__all__ = (
    "API",
    "DEFAULT_ROOTS",
    "SCOPE",
    "SECTIONS",
    "Api",
    "ApiRow",
    "KernelDeeds",
    "Progress",
    "Rested",
    "Tree",
    "extract",
    "quiet",
)
