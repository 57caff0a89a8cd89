"""Make Designs up by chance: every word of the language, mostly where it may stand.

The words come from the model's own tables, so a new one is made up of itself. A Design begins as
one that somebody could have meant, and is then strewn with words; one in eight is spoiled, to be
refused. The same seed makes the same Designs.
"""

import json
import random

from gmemviz.facts import HOOKS, kernels
from gmemviz.model.design import UNBINDS, choices
from gmemviz.model.design.actions import (
    ATTACHING,
    COUNTING,
    DROPS,
    INODE_KINDS,
    OPERANDS,
    SHUTDOWNS,
    TAKES,
    TESTS,
    VERBS,
    WITHIN,
)
from gmemviz.model.design.actors import FROM, HOLDS, LOCKS, QUEUED_BY, QUEUES, RUNS, UNTIL
from gmemviz.model.design.choices import GALLERY_PLACEMENTS, METADATA
from gmemviz.model.design.design import ADDERS, ALLOCATORS, FLAGS, ORIGINS
from gmemviz.model.design.limits import RESERVED
from gmemviz.model.design.toml import NEEDS

PLAIN = ("blob", "tree", "guard", "all", "reader", "work", "free_it", "x-1", "9lives", "_", "int")
NAMES = (*PLAIN, *sorted(RESERVED))
MAKES_STRUCT = ("alloc struct", "alloc container")
ALONE = (
    *MAKES_STRUCT, *TAKES, *DROPS, "rcu_read_unlock", "srcu_read_unlock", "return 0", "return 1",
    *SHUTDOWNS,
)  # fmt: skip
"""Words that have a place of their own in a body, and are not strewn."""
SPARES = {"cancel": ("rcu", "srcu"), "drain": ("timer",)}
"""Which callbacks nobody says these words of: they would be refused."""
FREED_IN = {
    "inode": "free_inode", "container": "free_inode", "xarray": "destroy_inode", "file": "release",
    "dentry": "d_release", "folio": "free_folio", "superblock": "kill_sb",
}  # fmt: skip
"""Where a pointer in such memory is freed by who means well."""
KINDS = tuple(kind for kind in INODE_KINDS if kind != "bad")


class Chance(random.Random):
    """Decide by chance."""

    def some(self, words, at_most):
        return self.sample(tuple(words), self.randint(0, at_most))

    def often(self, part):
        return self.random() < part

    def maybe(self, made, key, words, part):
        if self.often(part):
            made[key] = self.choice(tuple(words))


class Maker(Chance):
    """Make up the table of one Design."""

    def __init__(self, seed):
        super().__init__(seed)
        pool = METADATA if self.often(0.15) else NAMES
        self.names = {
            "M": self.some(pool, 3),
            "LOCK": self.some(NAMES, 2),
            "LIST": self.some(NAMES, 1),
            "ACTOR": self.some(NAMES, self.choice((0, 1, 1, 2))),
            "CALLBACK": self.some(NAMES, self.choice((0, 0, 1, 2))),
        }
        self.locks = {name: self.choice(tuple(LOCKS)) for name in self.names["LOCK"]}
        self.kinds = {name: self.kind(name) for name in self.names["M"]}
        self.runs = {name: self.choice(tuple(RUNS)) for name in self.names["CALLBACK"]}

    # --- lines ---

    def line(self, verb):
        """Return a line that says the word, or "" where the Design has nothing to say it of."""
        words = [self.word(word, verb) for word in VERBS[verb].form.split()]
        if None in words:
            return ""
        text = " ".join(filter(None, words))
        if self.often(0.2):
            asked = [self.condition() for _ in range(1 + self.often(0.2))]
            text = f"if {' and '.join(asked)}: {text}"
        return f"{text} via some_function" if self.often(0.05) else text

    def word(self, word, verb):
        if word == "[untested]":
            return "untested" if self.often(0.3) else ""
        if word not in OPERANDS:
            return word
        names = self.names[word]
        if word == "M" and VERBS[verb].needs_memory:
            names = [name for name in names if not self.is_word(name)]
        if word == "M" and verb in (*ATTACHING, *COUNTING):
            names = [name for name in names if self.lives_in(name) != "folio"]
        if word == "CALLBACK" and verb in QUEUES:
            names = [name for name in names if QUEUED_BY.get(self.runs[name], "queue") == verb]
        if word == "CALLBACK" and verb in SPARES:
            names = [name for name in names if self.runs[name] not in SPARES[verb]]
        return self.choice(names) if names else None

    def condition(self):
        if self.names["M"] and self.often(0.5):
            asks = "held" if self.often(0.2) else "set"
            return f"{self.choice(self.names['M'])} {'not ' * self.often(0.4)}{asks}"
        return "not " * self.often(0.3) + self.choice(tuple(TESTS))

    def strewn(self, where, count, hook=None):
        """Return lines that may stand in such a body, some of them under a lock."""
        may_stand = [verb for verb in VERBS if may_be_strewn(verb, where, hook)]
        weights = [5 if VERBS[verb].home else 1 for verb in may_stand]
        verbs = self.choices(may_stand, weights, k=count)
        lines = [line for verb in verbs if (line := self.line(verb))]
        if not self.names["LOCK"] or not self.often(0.3):
            return lines
        lock, start = self.choice(self.names["LOCK"]), self.randint(0, len(lines))
        is_of_each = self.locks[lock].endswith("of each inode")
        takes = self.choice(TAKES) if is_of_each else "lock"
        drops = DROPS[TAKES.index(takes)]
        lines.insert(start, VERBS[takes].form.replace("LOCK", lock))
        lines.insert(self.randint(start + 1, len(lines)), VERBS[drops].form.replace("LOCK", lock))
        return lines

    # --- bodies ---

    def hooks(self):
        bodies = self.meant() if self.often(0.8) else {}
        for hook in self.some(HOOKS, self.choice((0, 0, 1, 1, 2, 3))):
            body = bodies.setdefault(hook, [])
            at = self.randint(0, len(body))
            body[at:at] = self.strewn("hook", self.choice((0, 1, 1, 2, 3)), hook)
        for name, runs in self.runs.items():
            hook = self.choice([hook for hook in bodies if hook != "alloc_inode"] or ["release"])
            how = QUEUED_BY.get(runs, "queue")
            bodies.setdefault(hook, []).insert(0, f"{how} {name}")
        self.finish(bodies)
        return bodies

    def meant(self):
        """Return hooks as a filesystem has them: a cleanup of the matrix, a container, both."""
        bodies = {}
        if self.names["M"] and self.often(0.4):
            name, cleanup = self.choice(self.names["M"]), self.choice(tuple(choices.CLEANUPS))
            for hook, body in choices.CLEANUPS[cleanup].items():
                bodies[hook] = [line.replace("free M", f"free {name}") for line in body]
        members = [name for name in self.names["M"] if self.lives_in(name) == "container"]
        if members or self.often(0.3):
            bodies["alloc_inode"] = ["alloc container", *map(self.set_at_birth, members)]
            bodies.setdefault("free_inode", ["free struct"])
        if self.often(0.7):
            bodies.setdefault("free_inode", ["free to inode_cachep"])
            for name in self.names["M"]:
                if f"free {name}" not in str(bodies):
                    bodies.setdefault(FREED_IN[self.lives_in(name)], []).insert(0, f"free {name}")
        return bodies

    def set_at_birth(self, name):
        return f"{'attach' if self.often(0.2) else 'init'} {name}"

    def lives_in(self, name):
        kind = self.kinds[name]
        return GALLERY_PLACEMENTS[kind if isinstance(kind, str) else kind["placement"]].holder

    def is_word(self, name):
        kind = self.kinds[name]
        is_said = isinstance(kind, dict) and "owns_object" in kind
        if is_said:
            return not kind["owns_object"]
        return name in METADATA and not METADATA[name].owns_object

    def finish(self, bodies):
        """Give each hook the word that it cannot do without."""
        if "alloc_inode" in bodies:
            makes = [line for line in bodies["alloc_inode"] if line in MAKES_STRUCT]
            rest = [line for line in bodies["alloc_inode"] if line not in MAKES_STRUCT]
            bodies["alloc_inode"] = [*(makes or [self.choice(MAKES_STRUCT)]), *rest]
        if "drop_inode" in bodies:
            rest = [line for line in bodies["drop_inode"] if not line.startswith("return")]
            if self.often(0.3):
                rest = ["drop i_lock", *rest, "take i_lock"]
            bodies["drop_inode"] = [*rest, self.choice(("return 0", "return 1"))]
        if "kill_sb" in bodies:
            at = self.choice((0, 0, 0, len(bodies["kill_sb"])))
            bodies["kill_sb"].insert(at, self.choice(SHUTDOWNS))

    def actor(self):
        holds = self.choice(tuple(HOLDS))
        if holds == "lock":
            locks = self.names["LOCK"]
            holds = f"lock {self.choice(locks)}" if locks else "nothing"
        body = self.strewn("actor", self.randint(1, 3)) or ["sleep"]
        if holds == "rcu" and self.often(0.3):
            body = ["igrab", "rcu_read_unlock", *body, "iput"]
        elif holds in ("rcu", "srcu") and self.often(0.5):
            body.insert(self.randint(0, len(body)), f"{holds}_read_unlock")
        made = {"holds": holds, "does": body}
        self.maybe(made, "from", FROM, 0.4)
        if made.get("from") == "listed":  # it walks a list first
            lists = self.names["LIST"]
            made["from"] = "listed" if lists else "open"
            made["does"] = [*(f"walk {name}" for name in lists[:1]), *body]
        self.maybe(made, "until", filter(None, UNTIL), 0.4)
        self.maybe(made, "times", (1, 2), 0.4)
        return made

    # --- the whole ---

    def kind(self, name):
        place = self.choice(tuple(GALLERY_PLACEMENTS))
        if name in METADATA and self.often(0.3):
            return place
        kind = {"placement": place}
        self.maybe(kind, "release", choices.RELEASES, 0.4)
        if self.often(0.3):
            kind["read_by"] = self.some(choices.READERS, 2)
        if self.often(0.15):
            kind["of"] = self.some(INODE_KINDS, 2)
        for need in NEEDS:
            is_file = place == "file-private_data"
            if need != "per_file" or is_file:  # said of another place, it is refused
                self.maybe(kind, need, (True, True, False), 0.4 if need == "per_file" else 0.08)
        if place == "i_private-flags":
            kind |= {"owns_object": False, "release": "clear word"}
        if place == "s_fs_info" and self.often(0.9):
            kind["read_by"] = []
        return kind

    def table(self):
        """Return the table of a Design, spoiled now and then."""
        callbacks = {
            name: {"runs": runs, "does": self.strewn("callback", 2)}
            for name, runs in self.runs.items()
        }
        made = {
            "kernel": self.choice(kernels()),
            "mount": self.choice((*choices.MOUNTS, "own", "own", "own")),
            "metadata": self.kinds,
            "locks": dict(self.locks),
            "lists": self.names["LIST"],
            "hooks": self.hooks(),
            "actors": {name: self.actor() for name in self.names["ACTOR"]},
            "callbacks": callbacks,
        }
        self.add_optional(made)
        if self.often(0.97):
            self.drop_unused(made)
        if self.often(0.125):
            self.spoil(made)
        return made

    def drop_unused(self, made):
        """Leave out the locks and lists that no body names, which would be refused."""
        said = " ".join(json.dumps(made[key]) for key in ("hooks", "actors", "callbacks"))
        said += json.dumps(made.get("error_path", []))
        for name in self.names["LOCK"]:
            if not any(f"{head} {name}" in said for head in ("lock", "both")):
                del made["locks"][name]
        heads = ("walk", "on", "off")
        made["lists"] = [
            name for name in made["lists"] if any(f"{head} {name}" in said for head in heads)
        ]

    def add_optional(self, made):
        self.maybe(made, "allocator", ALLOCATORS, 0.3)
        self.maybe(made, "adds_folio", ADDERS, 0.3)
        self.maybe(made, "origin", ORIGINS, 0.1)
        if self.often(0.4):
            made["kinds"] = self.some(KINDS, 3) or ["symlink"]
        if self.often(0.2):
            body = self.strewn("actor", 2)
            made["error_path"] = body
        if self.often(0.1):
            made["constructor"] = [
                f"init {name}" for name in self.some(self.names["M"], len(self.names["M"]))
            ]
        if self.often(0.1):
            made["unbinds"] = self.some(UNBINDS, len(UNBINDS))
        for key in ("root_sets", "unwinds"):
            if self.often(0.1):
                made[key] = self.some(self.names["M"], len(self.names["M"]))
        for flag in FLAGS:
            self.maybe(made, flag, (True, False), 0.12)

    def spoil(self, made):
        """Put something wrong somewhere: a letter, a value, a word of another place."""
        holder, key = self.choice(list(places(made)))
        value = holder[key]
        wrong = [7, True, [], {}, "", "no such word", "free nobody", self.choice(tuple(VERBS))]
        if isinstance(value, str) and len(value) > 1:
            cut = self.randrange(len(value))
            wrong += [
                value[:cut] + value[cut + 1 :],
                f"{value[:cut]}\u2028{value[cut:]}",
                value * 300,
            ]
        holder[key] = self.choice(wrong)


def may_be_strewn(verb, where, hook):
    row = VERBS[verb]
    is_within = hook in WITHIN.get(verb, ())
    return where in row.where and row.home in (None, hook) and verb not in ALONE and not is_within


def places(holder):
    """Yield each place of a table, and of what is in it."""
    for key in holder if isinstance(holder, dict) else range(len(holder)):
        yield holder, key
        if isinstance(holder[key], dict | list):
            yield from places(holder[key])


def toml_of(table):
    """Return the table as TOML text: a line a key."""
    return "".join(f"{json.dumps(key)} = {value_of(value)}\n" for key, value in table.items())


def value_of(value):
    if isinstance(value, dict):
        pairs = [f"{json.dumps(key)} = {value_of(inner)}" for key, inner in value.items()]
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(value_of, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
