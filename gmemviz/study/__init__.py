"""Ask questions across Designs: the gallery, the verdict as an answer, synthesis, comparison.

Does not search (model does), ask a kernel (evidence does) or draw (render does). Start with
`answer.py`.
May import errors, facts, model, processes and record, and its `tables` derive and extract.
"""

from gmemviz.model.search import Beat
from gmemviz.study.answer import answer, mail, verdict, verdict_text, words_of
from gmemviz.study.assumptions import ASSUMPTIONS, LEFT_OUT, assumed, bounded
from gmemviz.study.beside import Beside, Side, beside, lettered
from gmemviz.study.compare import Comparison, Parting, compare
from gmemviz.study.confirmed import (
    NO_MEMBER,
    confirmed,
    evidence,
    kernel_line,
    spoken,
    told,
    told_by,
)
from gmemviz.study.convention import Judgement, judge, judged
from gmemviz.study.costs import Cost, cost
from gmemviz.study.gallery import CHOICES, Cell, design_of_cell, designs, gallery
from gmemviz.study.glossary import Explained, explain, lists
from gmemviz.study.history import FREES, Entry, frees, history
from gmemviz.study.match import Match, match, match_sentence, report_text
from gmemviz.study.matrix import NAMES, Matrix, bounds_of_rows, cells, counts, matrix, matrix_frame
from gmemviz.study.moment import moment
from gmemviz.study.named import TOML, check, design_in, named, read_design, scenario_of
from gmemviz.study.plain import data, labelled, mail_text
from gmemviz.study.ranked import SHORT, ranked
from gmemviz.study.state import SHORTEST, TO, Replayed, State, replay, run_of, runs
from gmemviz.study.synthesis import Candidate, Failed, Synthesis, designs_for

__all__ = (
    "ASSUMPTIONS",
    "CHOICES",
    "FREES",
    "LEFT_OUT",
    "NAMES",
    "NO_MEMBER",
    "SHORT",
    "SHORTEST",
    "TO",
    "TOML",
    "Beat",
    "Beside",
    "Candidate",
    "Cell",
    "Comparison",
    "Cost",
    "Entry",
    "Explained",
    "Failed",
    "Judgement",
    "Match",
    "Matrix",
    "Parting",
    "Replayed",
    "Side",
    "State",
    "Synthesis",
    "answer",
    "assumed",
    "beside",
    "bounded",
    "bounds_of_rows",
    "cells",
    "check",
    "compare",
    "confirmed",
    "cost",
    "counts",
    "data",
    "design_in",
    "design_of_cell",
    "designs",
    "designs_for",
    "evidence",
    "explain",
    "frees",
    "gallery",
    "history",
    "judge",
    "judged",
    "kernel_line",
    "labelled",
    "lettered",
    "lists",
    "mail",
    "mail_text",
    "match",
    "match_sentence",
    "matrix",
    "matrix_frame",
    "moment",
    "named",
    "ranked",
    "read_design",
    "replay",
    "report_text",
    "run_of",
    "runs",
    "scenario_of",
    "spoken",
    "told",
    "told_by",
    "verdict",
    "verdict_text",
    "words_of",
)
