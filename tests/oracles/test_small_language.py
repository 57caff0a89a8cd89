"""The search against a small interpreter, over Designs made up of the words that both have."""

import os
import random
from pathlib import Path

import pytest

from gmemviz.facts import load
from gmemviz.model import Design
from gmemviz.model.scenarios import of_design
from gmemviz.model.search.explore import explore
from gmemviz.model.search.world import world_of
from tests.oracles import small_language

SEED = os.environ.get("GMEMVIZ_SEED", "0")
DESIGNS = int(os.environ.get("GMEMVIZ_SMALL_DESIGNS", "100"))
EACH = 50
FREES = ("free blob", "free blob after a grace period", "free blob in a worker", "hand over blob")
ABOUT = (
    *FREES, "clear blob", "read blob", "read blob untested", "put blob on all", "take blob off all",
    "walk all",
)  # fmt: skip
HOLDS = ("nothing", "rcu", "rcu", "inode", "dentry", "file", "O_PATH file", "lock guard")


class Maker(random.Random):
    """Make up a Design of the small language: one kind of metadata, one lock, one list.

    Nothing sleeps where it must not, since both sides know that from elsewhere.
    """

    def often(self, part):
        return self.random() < part

    def line(self, words=ABOUT):
        asked = self.choice(("if blob set: ", "if blob not set: ", *[""] * 6))
        return asked + self.choice(words)

    def lines(self, at_most, words=ABOUT):
        found = [self.line(words) for _ in range(self.randint(0, at_most))]
        if found and self.often(0.2):
            found = ["lock guard", *found, "unlock guard"]
        return found

    def actor(self):
        holds = self.choice(HOLDS)
        body = [self.line() for _ in range(self.randint(1, 2))]
        if holds == "rcu" and self.often(0.4):
            body = [*body, "igrab", "rcu_read_unlock", *self.lines(1), "iput"]
        elif holds != "lock guard" and self.often(0.2):
            body = ["lock guard", *body, "unlock guard"]
        made = {"holds": holds, "does": body, "times": self.choice((1, 1, 1, 1, 2))}
        made["from"] = self.choice(("creation", "open", "open", "close", "eviction", "umount"))
        if body[0] == "walk all" and self.often(0.5):
            made["from"] = "listed"
        if self.often(0.3):
            made["until"] = "umount"
        return made

    def hooks(self, actors, later):
        evicts = [*self.lines(1), "truncate", *self.lines(1), "clear_inode", *self.lines(1)]
        if actors and self.often(0.2):
            evicts.insert(0, f"wait for {self.choice(actors)}")
        if later and self.often(0.3):
            evicts.insert(0, "drain later")
        if self.often(0.05):
            evicts.remove("clear_inode")
        if self.often(0.3):
            self.waits_in(evicts)
        found = {
            "alloc_inode": ["alloc container", *(["init blob"] * self.often(0.8))],
            "evict_inode": evicts,
            "destroy_inode": [*self.lines(2), *self.choice(([], [], [], ["call_rcu free struct"], ["free struct"]))],
            "release": self.lines(2),
            "free_inode": self.choice((
                ["free struct"], ["free struct"], ["free blob", "free struct"],
                ["read blob", "free struct"], ["free to inode_cachep"], [],
            )),
        }  # fmt: skip
        for hook in ("evict_inode", "destroy_inode", "release", "free_inode"):
            if self.often(0.35):
                del found[hook]
            elif hook != "free_inode" and self.often(0.15):
                self.waits_in(found[hook])
        return found

    def waits_in(self, body):
        """Put a synchronize_rcu anywhere but under the lock, and behind it, as a rule, a free."""
        heads = [body[:number] for number in range(len(body) + 1)]
        free = [len(to) for to in heads if to.count("lock guard") == to.count("unlock guard")]
        at = self.choice(free)
        body[at:at] = ["synchronize_rcu", *(["free blob"] * self.often(0.7))]

    def table(self):
        actors = ["first", "other"][: self.choice((1, 1, 1, 2))]
        runs = self.choice(("", "", "rcu", "worker"))
        made = {
            "kernel": "6.12", "mount": "own", "filled": False, "mappable": False,
            "metadata": {"blob": {"placement": "containing-struct"}},
            "locks": {"guard": "irqsave"}, "lists": ["all"],
            "hooks": self.hooks(actors, runs),
            "actors": {name: self.actor() for name in actors},
        }  # fmt: skip
        if runs:
            hooks = [hook for hook in made["hooks"] if hook not in ("alloc_inode", "free_inode")]
            queued = "call_rcu later" if runs == "rcu" else "queue later"
            made["hooks"].setdefault(self.choice(hooks or ["release"]), []).insert(0, queued)
            made["callbacks"] = {"later": {"runs": runs, "does": self.lines(2)}}
            if runs == "worker" and self.often(0.2):
                made["callbacks"]["later"]["does"].append("if blob set: queue later")
        said = str(made["hooks"]) + str(made["actors"]) + str(made.get("callbacks"))
        if "lock guard" not in said:
            made["locks"] = {}
        if " all" not in said:
            made["lists"] = []
        return made


def differences(number, without=()):
    """Return where the search and the interpreter come to other codes, a line a scenario."""
    return differing(number, Maker(f"{SEED} {number}").table())


def differing(number, table):
    design = Design.from_table(f"made up, number {number}", table)
    lines = []
    for scenario in of_design(design):
        names = scenario.name.removeprefix("actor ")
        actors = [who for who in design.actors if names in ("all actors", who.name)]
        searched = explore(world_of(design, scenario, load(design.kernel)))
        if not searched.is_complete:  # too many states to compare
            continue
        codes = small_language.codes_of(design, actors)
        if codes != set(searched.found):
            lines.append(f"{scenario.name}: {sorted(codes)}, the search {sorted(searched.found)}")
    return [*lines, str(table)] if lines else []


@pytest.mark.parametrize("first", range(0, DESIGNS, EACH))
def test_the_interpreter_agrees(first):
    assert [found for n in range(first, first + EACH) if (found := differences(n))][:3] == []


def test_an_interpreter_without_a_rule_disagrees(monkeypatch):
    """Whether the Designs ask enough: each rule that is left out shows in some of them."""
    for rule, without in WITHOUT.items():
        with monkeypatch.context() as patch:
            patch.setitem(small_language.SAYS, rule, without)
            assert any(differences(number) for number in range(EACH)), rule


def nothing(_, __):
    return
    yield


def test_an_interpreter_that_waits_for_no_reader_disagrees(monkeypatch):
    """Readers free nothing here, and come while the file is open: the wait alone decides."""
    table = {
        "kernel": "6.12", "mount": "own", "filled": False, "mappable": False,
        "metadata": {"blob": {"placement": "containing-struct"}},
        "hooks": {
            "alloc_inode": ["alloc container", "init blob"],
            "destroy_inode": ["synchronize_rcu", "free blob"], "free_inode": ["free struct"],
        },
        "actors": {"first": {"holds": "rcu", "from": "open", "does": ["read blob"]}},
    }  # fmt: skip
    assert differing(0, table) == []
    monkeypatch.setitem(small_language.SAYS, "synchronize_rcu", nothing)
    assert "use-after-free" in differing(0, table)[0]


WITHOUT = {"clear": nothing, "take off": nothing, "free": nothing, "read": nothing}


def test_the_interpreter_knows_nothing_of_the_package():
    text = Path(small_language.__file__).read_text(encoding="utf-8")
    assert "import gmemviz" not in text
    assert "from gmemviz" not in text
