"""Ask questions across Designs: the gallery, the verdict as an answer, the convention.

Does not search (model does) and does not draw (render does).
May import errors, facts, model and record.
"""

from gmemviz.study.answer import ASSUMPTIONS, answer, mail, verdict
from gmemviz.study.convention import Judgement, judge
from gmemviz.study.gallery import designs, gallery
from gmemviz.study.matrix import cells, matrix, matrix_frame

__all__ = (
    "ASSUMPTIONS",
    "Judgement",
    "answer",
    "cells",
    "designs",
    "gallery",
    "judge",
    "mail",
    "matrix",
    "matrix_frame",
    "verdict",
)
