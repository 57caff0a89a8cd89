"""Write a Design in another language: the C of a kernel module (`c`).

Not here: building or running it (`record/boot`), judging by it (`evidence`). Start with
`c/source.py`.
"""

from gmemviz.translate.c import CREATOR, module_source, source_lines

__all__ = ("CREATOR", "module_source", "source_lines")
