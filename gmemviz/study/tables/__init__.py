"""Check the tables of a kernel's own source, and hold two trees against each other.

Not here: what a table comes to (`derive`). Start with `answers.py`. It is a face of its own, since
who checks a Design has no use for what reads trees, and need not wait for it to be loaded.
"""

from gmemviz.study.tables.against import (
    TableChange,
    TableChanges,
    change_text,
    changed_tables,
    changes_text,
)
from gmemviz.study.tables.answers import (
    FULL,
    TableAnswer,
    TableAnswers,
    check_shipped,
    check_tables,
    table_answer,
    table_text,
    tables_text,
)
from gmemviz.study.tables.survey import SurveyRow, survey, survey_frame, suspects

__all__ = (
    "FULL",
    "SurveyRow",
    "TableAnswer",
    "TableAnswers",
    "TableChange",
    "TableChanges",
    "change_text",
    "changed_tables",
    "changes_text",
    "check_shipped",
    "check_tables",
    "survey",
    "survey_frame",
    "suspects",
    "table_answer",
    "table_text",
    "tables_text",
)
