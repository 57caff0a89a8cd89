"""Make Designs up by chance: every word of the language, mostly where it may stand.

The words come from the model's own tables, so that a new one is made up of itself. A Design begins
as one that somebody could have meant, and is then strewn with words; one in eight is spoiled, to be
refused.
"""

import json

from gmemviz.facts import HOOKS, kernels
from gmemviz.model.design.actions import INODE_KINDS, OPERANDS, TESTS, VERBS
from gmemviz.model.design.actors import FROM, HOLDS, LOCKS, RUNS, UNTIL
from gmemviz.model.design.choices import (
    CLEANUPS,
    GALLERY_PLACEMENTS,
    METADATA,
    MOUNTS,
    READERS,
    RELEASES,
)
from gmemviz.model.design.design import ADDERS, ALLOCATORS, FLAGS, ORIGINS
from gmemviz.model.design.limits import RESERVED
from gmemviz.model.design.toml import NEEDS

PLAIN = ("blob", "tree", "guard", "all", "reader", "work", "free_it", "x-1", "9lives", "_")
NAMES = (*PLAIN, *sorted(RESERVED))
MAKES_STRUCT = ("alloc struct", "alloc container")
IN_PAIRS = ("lock", "unlock")
ALONE = (*MAKES_STRUCT, *IN_PAIRS, "return 0", "return 1", "kill_anon_super")
"""Words that have a place of their own in a body, and are not strewn."""


FREED_IN = {
    "inode": "free_inode", "container": "free_inode", "xarray": "destroy_inode", "file": "release",
    "dentry": "d_release", "folio": "free_folio", "superblock": "kill_sb",
}  # fmt: skip
"""Where a pointer in such memory is freed by who means well."""


class Maker:
    """Make one Design up; `chance` is a random.Random."""

    def __init__(self, chance):
        self.chance = chance
        self.names = {
            "M": self.some(NAMES, 3),
            "LOCK": self.some(NAMES, 2),
            "LIST": self.some(NAMES, 1),
            "ACTOR": self.some(NAMES, chance.choice((0, 1, 1, 2))),
            "CALLBACK": self.some(NAMES, chance.choice((0, 0, 1, 2))),
        }
        self.runs = {name: chance.choice(tuple(RUNS)) for name in self.names["CALLBACK"]}

    def some(self, words, at_most):
        return self.chance.sample(tuple(words), self.chance.randint(0, at_most))

    def often(self, part):
        return self.chance.random() < part

    # --- words ---

    def spelled(self, verb):
        """Return a line that says the word, or None where the Design has nothing to say it of."""
        words = []
        for word in VERBS[verb].form.split():
            if word == "[untested]":
                words += ["untested"] if self.often(0.3) else []
            elif word in OPERANDS:
                if not (allowed := self.named(word, verb)):
                    return None
                words.append(self.chance.choice(allowed))
            else:
                words.append(word)
        return " ".join(words)

    def named(self, operand, verb):
        if operand != "CALLBACK" or verb not in ("call_rcu", "queue"):
            return self.names[operand]
        is_rcu = verb == "call_rcu"
        return [name for name, runs in self.runs.items() if (runs == "rcu") == is_rcu]

    def line(self, verb):
        text = self.spelled(verb)
        if text and self.often(0.2):
            text = f"if {' and '.join(self.condition() for _ in range(1 + self.often(0.2)))}: {text}"
        return f"{text} via some_function" if text and self.often(0.05) else text

    def condition(self):
        if self.names["M"] and self.often(0.5):
            return f"{self.chance.choice(self.names['M'])} {'not ' * self.often(0.4)}set"
        return "not " * self.often(0.3) + self.chance.choice(tuple(TESTS))

    def strewn(self, where, hook, count):
        """Return lines that may stand in such a body."""
        verbs = [
            verb
            for verb, row in VERBS.items()
            if where in row.where and row.home in (None, hook) and verb not in ALONE
        ]
        lines = [self.line(verb) for verb in self.chance.choices(verbs, k=count)]
        return self.locked([line for line in lines if line])

    def locked(self, lines):
        """Return the lines, some of them between a lock and its unlock."""
        if not self.names["LOCK"] or not self.often(0.3):
            return lines
        lock = self.chance.choice(self.names["LOCK"])
        start = self.chance.randint(0, len(lines))
        end = self.chance.randint(start, len(lines))
        return [
            *lines[:start], f"lock {lock}", *lines[start:end], f"unlock {lock}", *lines[end:],
        ]  # fmt: skip

    # --- bodies ---

    def hooks(self):
        bodies = self.meant() if self.often(0.8) else {}
        for hook in self.some(HOOKS, self.chance.choice((0, 0, 1, 1, 2, 3))):
            self.strew(bodies.setdefault(hook, []), hook)
        self.finish(bodies)
        for name, runs in self.runs.items():
            hook = self.chance.choice([hook for hook in bodies if hook != "alloc_inode"] or ["release"])
            how = "call_rcu" if runs == "rcu" else "queue"
            bodies.setdefault(hook, []).insert(0, f"{how} {name}")
        return bodies

    def meant(self):
        """Return hooks as a filesystem has them: a cleanup of the matrix, or a container."""
        bodies = {}
        if self.names["M"] and self.often(0.4):
            name = self.chance.choice(self.names["M"])
            for hook, body in CLEANUPS[self.chance.choice(tuple(CLEANUPS))].items():
                bodies[hook] = [line.replace("free M", f"free {name}") for line in body]
        if self.often(0.5) or any(self.lives_in(name) == "container" for name in self.names["M"]):
            members = [name for name in self.names["M"] if self.lives_in(name) == "container"]
            bodies["alloc_inode"] = ["alloc container", *(f"init {name}" for name in members)]
            bodies.setdefault("free_inode", ["free struct"])
        if bodies.get("free_inode") and self.often(0.7):
            freed = [name for name in self.names["M"] if f"free {name}" not in str(bodies)]
            for name in freed:
                hook = FREED_IN[self.lives_in(name)]
                bodies.setdefault(hook, []).insert(0, f"free {name}")
            if "kill_sb" in bodies and "kill_anon_super" not in bodies["kill_sb"]:
                bodies["kill_sb"].insert(0, "kill_anon_super")
        return bodies

    def lives_in(self, name):
        kind = self.kinds[name]
        return GALLERY_PLACEMENTS[kind if isinstance(kind, str) else kind["placement"]].holder

    def strew(self, body, hook):
        for line in self.strewn("hook", hook, self.chance.choice((0, 1, 1, 2, 3))):
            body.insert(self.chance.randint(0, len(body)), line)
        locks = [line for line in body if line.split(" ")[0] in IN_PAIRS]
        if locks:  # in their order: a lock is taken before it is dropped
            at = sorted(body.index(line) for line in locks)
            for place, line in zip(at, sorted(locks), strict=True):
                body[place] = line

    def finish(self, bodies):
        """Give each hook the word that it cannot do without."""
        if "alloc_inode" in bodies:
            rest = [line for line in bodies["alloc_inode"] if line not in MAKES_STRUCT]
            first = [line for line in bodies["alloc_inode"] if line in MAKES_STRUCT]
            bodies["alloc_inode"] = [*(first or [self.chance.choice(MAKES_STRUCT)]), *rest]
        if "drop_inode" in bodies:
            rest = [line for line in bodies["drop_inode"] if not line.startswith("return")]
            bodies["drop_inode"] = [*rest, self.chance.choice(("return 0", "return 1"))]
        if "kill_sb" in bodies:
            rest = [line for line in bodies["kill_sb"] if line != "kill_anon_super"]
            rest.insert(self.chance.choice((0, 0, 0, len(rest))), "kill_anon_super")
            bodies["kill_sb"] = rest

    def actor(self):
        holds = self.chance.choice(tuple(HOLDS))
        if holds == "lock":
            locks = self.names["LOCK"]
            holds = f"lock {self.chance.choice(locks)}" if locks else "nothing"
        made = {"holds": holds, "does": self.actor_body(holds)}
        optional = {"from": FROM, "until": [word for word in UNTIL if word], "times": (1, 2)}
        for key, words in optional.items():
            if self.often(0.4):
                made[key] = self.chance.choice(tuple(words))
        return made

    def actor_body(self, holds):
        body = self.strewn("actor", None, self.chance.randint(1, 3)) or ["sleep"]
        if holds == "rcu" and self.often(0.3):
            return ["igrab", "rcu_read_unlock", *body, "iput"]
        return body

    # --- the whole ---

    def kind(self, name):
        if name in METADATA and self.often(0.3):
            return self.chance.choice(tuple(GALLERY_PLACEMENTS))
        kind = {"placement": self.chance.choice(tuple(GALLERY_PLACEMENTS))}
        if self.often(0.3):
            kind["read_by"] = self.some(READERS, 2)
        if self.often(0.4):
            kind["release"] = self.chance.choice(tuple(RELEASES))
        if self.often(0.15):
            kind["of"] = self.some(INODE_KINDS, 2)
        for need in NEEDS:
            if self.often(0.08):
                kind[need] = self.often(0.7)
        if "owns_object" not in kind and kind["placement"] == "i_private-flags":
            kind |= {"owns_object": False, "release": "clear word"}
        if kind["placement"] == "s_fs_info" and self.often(0.9):
            kind["read_by"] = []
        return kind

    def table(self):
        """Return the table of a Design."""
        if self.often(0.15):
            self.names["M"] = self.some(METADATA, 2)
        self.kinds = {name: self.kind(name) for name in self.names["M"]}
        made = {
            "kernel": self.chance.choice(kernels()),
            "mount": self.chance.choice((*MOUNTS, "own", "own", "own")),
            "metadata": self.kinds,
            "locks": {name: self.chance.choice(tuple(LOCKS)) for name in self.names["LOCK"]},
            "lists": self.names["LIST"],
            "hooks": self.hooks(),
            "actors": {name: self.actor() for name in self.names["ACTOR"]},
            "callbacks": {
                name: {"runs": runs, "does": self.strewn("callback", None, 2)}
                for name, runs in self.runs.items()
            },
        }
        self.add_optional(made)
        if self.often(0.125):
            spoil(self.chance, made)
        return made

    def add_optional(self, made):
        if self.often(0.3):
            made["kinds"] = self.some([kind for kind in INODE_KINDS if kind != "bad"], 2) or ["regular"]
        if self.often(0.2):
            made["error_path"] = self.strewn("actor", None, 2)
            made["error_path"] = [line for line in made["error_path"] if "rcu_read" not in line]
        for key in ("root_sets", "unwinds"):
            if self.often(0.1):
                made[key] = self.some(self.names["M"], len(self.names["M"]))
        for key, words in {"allocator": ALLOCATORS, "adds_folio": ADDERS, "origin": ORIGINS}.items():
            if self.often(0.3):
                made[key] = self.chance.choice(words)
        for flag in FLAGS:
            if self.often(0.12):
                made[flag] = self.often(0.5)


def spoil(chance, table):
    """Put something wrong somewhere: a letter, a value, a word of another place."""
    places = list(_places(table))
    holder, key = chance.choice(places)
    value = holder[key]
    wrong = [7, True, [], {}, "", "no such word", "free nobody", chance.choice(tuple(VERBS))]
    if isinstance(value, str) and len(value) > 1:
        cut = chance.randrange(len(value))
        wrong += [value[:cut] + value[cut + 1 :], value[:cut] + "\u2028" + value[cut:], value * 300]
    holder[key] = chance.choice(wrong)


def _places(holder):
    keys = holder if isinstance(holder, dict) else range(len(holder))
    for key in keys:
        yield holder, key
        if isinstance(holder[key], dict | list):
            yield from _places(holder[key])


def toml_of(table):
    """Return the table as TOML text: a line a key."""
    return "".join(f"{json.dumps(key)} = {_value(value)}\n" for key, value in table.items())


def _value(value):
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {_value(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, value)) + "]"
    return json.dumps(value, ensure_ascii=False)
