"""Hold the version, for whoever says which gmemviz answered."""

__version__ = "0.1.0"
