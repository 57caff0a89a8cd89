"""Add what every folder knows: --golden, and how nbval runs; the rest is in tests/conftest.py."""

import pytest

pytest_plugins = ["scripts.lost_kernels"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add --golden."""
    parser.addoption("--golden", action="store_true", help="rewrite the files in tests/golden")
