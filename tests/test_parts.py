"""A part that is not installed is a sentence, and nothing in the core needs one."""

import pytest

from gmemviz.errors import MissingToolError
from gmemviz.parts import needs


def test_what_is_there_is_imported():
    with needs("lab"):
        import json
    assert json


def test_what_is_not_there_is_named_with_what_brings_it():
    said = r"needs nowhere_at_all.*'gmemviz\[draw\]'"
    with pytest.raises(MissingToolError, match=said), needs("draw"):
        import nowhere_at_all.inner  # noqa: F401


def test_a_missing_module_of_our_own_is_our_fault():
    with pytest.raises(ModuleNotFoundError), needs("lab"):
        import gmemviz.nowhere  # noqa: F401


def test_other_faults_pass():
    with pytest.raises(ZeroDivisionError), needs("lab"):
        1 / 0  # noqa: B018
