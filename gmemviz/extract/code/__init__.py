"""Read C as text: tokens, definitions, statements and calls, the conditions that they stand under.

Not here: which file is read (`extract/tree`) and what a table means (`extract/ops`). Start with
`definitions.py`, then `statements.py`.
"""

from gmemviz.extract.code.calls import raw_calls
from gmemviz.extract.code.cleanup import (
    SCOPE_MACROS,
    ScopeClass,
    ScopeText,
    scope_classes,
    scope_texts,
)
from gmemviz.extract.code.conditions import Conditions
from gmemviz.extract.code.definitions import Definition, body_end, definitions
from gmemviz.extract.code.expressions import RawCall
from gmemviz.extract.code.guards import innermost
from gmemviz.extract.code.lexer import Tokens, is_name, tokenize
from gmemviz.extract.code.statements import Statement, StatementReader
from gmemviz.extract.code.structs import Member, members
from gmemviz.extract.code.variables import aliases, called_names, parameters, pointers

__all__ = (
    "SCOPE_MACROS",
    "Conditions",
    "Definition",
    "Member",
    "RawCall",
    "ScopeClass",
    "ScopeText",
    "Statement",
    "StatementReader",
    "Tokens",
    "aliases",
    "body_end",
    "called_names",
    "definitions",
    "innermost",
    "is_name",
    "members",
    "parameters",
    "pointers",
    "raw_calls",
    "scope_classes",
    "scope_texts",
    "tokenize",
)
