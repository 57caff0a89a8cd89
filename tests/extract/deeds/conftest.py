"""A tree of one file, of our own words, that a test fills with a function or two."""

import textwrap

import pytest

from gmemviz.extract.deeds import KernelDeeds

MAKEFILE = "VERSION = 6\nPATCHLEVEL = 12\nSUBLEVEL = 1\n"
HEADER = """
struct inode {
	umode_t i_mode;
	unsigned int i_nlink;
	unsigned long i_flags;
	void *i_private;
	char *i_link;
	struct super_block *i_sb;
	struct address_space i_data;
	struct rcu_head i_rcu;
};
"""
TOY = """
struct toy {
	char *body;
	char *other;
	unsigned int flags;
	struct list_head parts;
	struct shared_policy policy;
	struct inode vfs_inode;
};

static inline struct toy *TOY_I(struct inode *inode)
{
	return container_of(inode, struct toy, vfs_inode);
}
"""


@pytest.fixture
def deeds(tmp_path):
    """Return a function that reads `text` as fs/toy.c and opens the tree."""

    def read(text, **more):
        files = {"Makefile": MAKEFILE, "fs/inode.c": "\nint nothing;\n", "include/linux/fs.h": HEADER,
                 "fs/toy/toy.c": TOY + text, **more}  # fmt: skip
        for path, words in files.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(words)
        return KernelDeeds(tmp_path, folders=["fs", "include/linux"])

    return read


@pytest.fixture
def of_body(deeds):
    """Return a function that reads a body of `toy(struct inode *inode)`: kind, path, conditions."""

    def read(body, before="", name="toy"):
        text = f"{before}\nvoid toy(struct inode *inode)\n{{\n{textwrap.indent(body, chr(9))}\n}}\n"
        return deeds(text).of(name, "fs/toy/toy.c")

    return read


def spell(found, *kinds):
    """Write deeds as `kind path [if conditions]`, of some kinds or all but readings."""
    lines = []
    for deed in found.deeds:
        if deed.kind in kinds or (not kinds and deed.kind not in ("read", "sleeps")):
            ways = sorted(" and ".join(map(str, way)) for way in deed.ways)
            asked = " or ".join(ways)
            lines.append(f"{deed.kind} {deed.path}" + (f" if {asked}" if asked else ""))
    return lines
