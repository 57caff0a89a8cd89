"""Read what functions do to what their arguments reach: given back, emptied, attached, read.

Not here: what a Design is (`derive`), and calls as such (`extract/code`). Start with `reading.py`,
which runs through a body; `calling.py` says what a call does, `api.toml` what the kernel's own do.
"""

from gmemviz.extract.deeds.api import API, SECTIONS, Api, ApiRow
from gmemviz.extract.deeds.kernel import KernelDeeds
from gmemviz.extract.deeds.rests import Rested

__all__ = ("API", "SECTIONS", "Api", "ApiRow", "KernelDeeds", "Rested")
