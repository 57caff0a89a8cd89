"""Lay one table of TOML over another."""


def laid_over(base, change):
    """Return a table with another laid over it, table by table."""
    both = dict(base)
    for key, value in change.items():
        both[key] = (
            laid_over(base.get(key, {}), value) if value and isinstance(value, dict) else value
        )
    return both
