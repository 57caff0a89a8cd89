"""Add the options that every test folder knows; the rest is in tests/conftest.py."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --golden."""
    parser.addoption("--golden", action="store_true", help="rewrite the files in tests/golden")
