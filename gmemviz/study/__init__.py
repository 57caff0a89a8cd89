"""Ask questions across Designs: the gallery, the verdict as an answer, synthesis, comparison.

Does not search (model does) and does not draw (render does).
May import errors, facts, model, processes and record.
"""

from gmemviz.study.answer import ASSUMPTIONS, answer, mail, verdict
from gmemviz.study.compare import Comparison, Parting, compare
from gmemviz.study.confirm import Confirmation, confirm
from gmemviz.study.confirm_matrix import confirm_cells
from gmemviz.study.confirmed import confirmed, evidence, told
from gmemviz.study.conform import alignment, conform, edges_seen
from gmemviz.study.conform_found import Conformity
from gmemviz.study.convention import Judgement, judge
from gmemviz.study.costs import Cost, cost
from gmemviz.study.found import Candidate, Failed, Synthesis
from gmemviz.study.gallery import designs, gallery
from gmemviz.study.match import Match, match, match_sentence
from gmemviz.study.matrix import cells, matrix, matrix_frame
from gmemviz.study.module_source import module_source
from gmemviz.study.promela import promela
from gmemviz.study.state import Replayed, State, replay
from gmemviz.study.synthesis import designs_for

__all__ = (
    "ASSUMPTIONS",
    "Candidate",
    "Comparison",
    "Confirmation",
    "Conformity",
    "Cost",
    "Failed",
    "Judgement",
    "Match",
    "Parting",
    "Replayed",
    "State",
    "Synthesis",
    "alignment",
    "answer",
    "cells",
    "compare",
    "confirm",
    "confirm_cells",
    "confirmed",
    "conform",
    "cost",
    "designs",
    "designs_for",
    "edges_seen",
    "evidence",
    "gallery",
    "judge",
    "mail",
    "match",
    "match_sentence",
    "matrix",
    "matrix_frame",
    "module_source",
    "promela",
    "replay",
    "told",
    "verdict",
)
