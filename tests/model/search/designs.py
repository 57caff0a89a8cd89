"""Designs with somebody beside the hooks, for the tests of what a Report says of them."""

from gmemviz.model import Design

READ_LATE = """
name = "read late"
kernel = "6.12"
mount = "own"
metadata.blob = { placement = "containing-struct" }
hooks.alloc_inode = ["alloc container", "init blob"]
hooks.destroy_inode = ["free blob"]
hooks.free_inode = ["free struct"]
actors.permission = { holds = "rcu", does = ["if blob set: read blob"] }
"""
"""destroy_inode frees what a path walk in RCU mode may read."""

READ_IN_TIME = READ_LATE.replace('destroy_inode = ["free blob"]', "destroy_inode = []").replace(
    'free_inode = ["free struct"]', 'free_inode = ["free blob", "free struct"]'
)


def made(text, **more):
    """Return a Design of a text, with further lines."""
    return Design.from_text(text + "".join(f"{key} = {value}\n" for key, value in more.items()))
