"""Find every correct Design for a set of metadata, the cheapest first.

Not here: what a Design costs (`study/costs.py`). Start with `designs_for.py`.
"""

from gmemviz.study.synthesis.designs_for import designs_for
from gmemviz.study.synthesis.synthesis import Candidate, Failed, Synthesis

__all__ = (
    "Candidate",
    "Failed",
    "Synthesis",
    "designs_for",
)
