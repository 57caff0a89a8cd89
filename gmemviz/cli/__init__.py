"""Give the notebooks' functions to the shell, one function a command.

Only parses, calls and prints; what it calls lives in the rooms below.
May import every room.
"""

from gmemviz.cli.main import main

__all__ = ("main",)
