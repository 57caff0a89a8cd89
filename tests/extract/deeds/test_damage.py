"""Read bodies whose statements were dropped, doubled or swapped: whatever is raised is ours.

`make fuzz` does it with every table of a whole kernel; here a toy, and a few tables.
"""

import os
import random
import time
from contextlib import suppress

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.extract.body import BodyReader
from gmemviz.extract.code import Tokens
from gmemviz.extract.deeds import API, KernelDeeds
from gmemviz.extract.deeds.summaries import Library

TABLES = 3  # of a real tree, where `make fuzz` does not ask for all of them
SECONDS = 60
PIECES = (
    "{ } ( ) ; , ? : = == && || -> . & * [ ] if else goto return case 0 NULL __free guard".split()
)
SHAPES = """
#define TOY_FIELD(name) static void toy_drop_##name(struct toy *toy) { kfree(toy->name); }
TOY_FIELD(body)
#define DROP(toy, what) toy_drop_##what(toy)
struct toy_ops {
	void (*forget)(struct toy *toy);
};
static void forget(struct toy *toy)
{
	kfree(toy->other);
}
static const struct toy_ops ops = {
	.forget = forget,
};
static void each(struct inode *inode, void (*step)(struct toy *), const struct toy_ops *how)
{
	struct toy *toy = TOY_I(inode), *next;

	step(toy);
	how->forget(toy);
	list_for_each_entry_safe(toy, next, &TOY_I(inode)->parts, parts) {
		if (!toy->body)
			continue;
		kfree(toy->body);
	}
}
void toy(struct inode *inode)
{
	struct toy walk = { .body = inode->i_link, .policy = { .root = inode } };
	char *name __free(kfree) = inode->i_link;
	int error = 0;

	guard(mutex)(&TOY_I(inode)->lock);
	switch (inode->i_mode & S_IFMT) {
	case S_IFLNK:
		kfree(inode->i_link);
		break;
	default:
		error = -1;
	}
	if (error || is_bad_inode(inode))
		goto out;
	DROP(&walk, body);
	do {
		each(inode, error ? forget : NULL, walk.other);
	} while (error--);
	scoped_guard(mutex, &walk.lock)
		call_rcu(&inode->i_rcu, ({ error = 1; forget; }));
out:
	for (error = 0; error < 3; error++)
		kfree((error ? TOY_I(inode) : &walk)->other);
	clear_inode(inode);
}
"""


class DamagedLibrary(Library):
    """Give every body with some of its statements wrong."""

    def __init__(self, reader, rng):
        super().__init__(reader, API)
        self.rng = rng

    def text(self, name, place):
        is_new = place not in self.texts
        found = super().text(name, place)
        if is_new:
            found.tokens = damaged(found.tokens, self.rng)
        return found


def damaged(tokens, rng):
    """Return a body with a quarter of its statements dropped, doubled, swapped, or broken."""
    ends = [index + 1 for index, word in enumerate(tokens.words) if word in (";", "{", "}")]
    spans = [
        list(range(*span)) for span in zip([0, *ends], [*ends, len(tokens.words)], strict=True)
    ]
    for index in range(1, len(spans) - 1):
        kind = rng.randrange(16)
        if kind == 0:
            spans[index] = []
        elif kind == 1:
            spans[index] = spans[index] * 2
        elif kind == 2:
            spans[index - 1], spans[index] = spans[index], spans[index - 1]
        elif kind == 3 and spans[index]:
            del spans[index][rng.randrange(len(spans[index]))]
    order = [index for span in spans for index in span]
    words = [tokens.words[index] for index in order]
    if rng.randrange(4) == 0:
        words[rng.randrange(len(words))] = rng.choice(PIECES)
    return Tokens(words, [tokens.offsets[index] for index in order])


def read_damaged(deeds, functions, rng):
    """Read functions of a tree, damaged anew; what is not found raises nothing."""
    deeds.library = DamagedLibrary(BodyReader(deeds.index), rng)
    for name, path in functions:
        with suppress(GmemvizError):
            assert deeds.of(name, path).function == name


@pytest.mark.parametrize("seed", range(60))
def test_a_toy(deeds, seed):
    rng = random.Random(seed)  # noqa: S311 - damage, not secrets
    read_damaged(deeds(SHAPES), [("toy", "fs/toy/toy.c"), ("each", "fs/toy/toy.c")], rng)


@pytest.mark.kernel_tree
@pytest.mark.timeout(3600)
def test_real_tables(kernel_folder):
    rounds = int(os.environ.get("GMEMVIZ_FUZZ_ROUNDS", "0"))
    deeds = KernelDeeds(kernel_folder)
    tables = [table for table in deeds.tables if table.struct == "super_operations"]
    rng = random.Random(7)  # noqa: S311
    started = time.process_time()
    for _ in range(rounds or 1):
        for table in tables if rounds else rng.sample(tables, TABLES):
            read_damaged(deeds, [(name, table.path) for _, name in table.slots], rng)
    assert rounds or time.process_time() - started < SECONDS
