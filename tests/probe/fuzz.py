"""Run `calls` in child processes, and hold every answer against `rules`."""

import json
import os
import subprocess
import sys
from collections import Counter
from errno import errorcode
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from gmemviz.probe.fixture import Bench
from tests.probe import rules

ROOT = Path(__file__).parents[2]
BATCH = 500  # calls of one child
SECONDS = 60
LEADING = 20  # calls that are shown of a child that died
UNREADABLE = {"NULL", "-1", "kernel", "border"}
FIRST_FORM = "KVM_SET_USER_MEMORY_REGION"
NOT_RULED = {"call", "form", "new", "reserved", "where"}
KINDS = {"path": "closed", "-1": "closed"}  # fget() gives nothing for either


class Batch(NamedTuple):
    """What one child wrote, and why it did not end by itself ("" where it did)."""

    seed: str
    lines: list
    died: str


def run_batch(seed, count, *, seconds=SECONDS):
    """Run one child that makes `count` calls of a seed."""
    command = [sys.executable, "-m", "tests.probe.calls", str(os.getpid()), seed, str(count)]
    try:
        ended = subprocess.run(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=seconds,
            check=False,
        )  # fmt: skip
        output, died = ended.stdout, f"it ended with {ended.returncode}: {ended.stderr.decode()}"
        died = died if ended.returncode else ""
    except subprocess.TimeoutExpired as error:
        output, died = error.stdout or b"", f"it was not done after {seconds} seconds"
    whole, _, _ = output.decode().rpartition("\n")  # the last line may be cut off
    return Batch(seed, list(map(json.loads, whole.splitlines())), died)


def seeds(seed, count):
    """Yield (seed, calls) of the batches that make `count` calls in all."""
    for start in range(0, count, BATCH):
        yield f"{seed}/{start // BATCH}", min(BATCH, count - start)


class Judge:
    """Say which answers of batches the rules do not explain, and how much was asked for."""

    def __init__(self, kernel):
        self.kernel, self.seen, self.unexplained = kernel, Counter(), []
        self.calls = self.most_bytes = self.largest_slot = 0

    def batch(self, batch):
        if batch.died:
            last = "\n".join(map(json.dumps, batch.lines[-2 * LEADING :]))
            self.unexplained.append(f"seed {batch.seed}: {batch.died}\n{last}")
        if not batch.lines:
            return
        first, *lines = batch.lines
        machine = rules.Machine(self.kernel, **{**first, "spaces": max(1, first["spaces"])})
        vm, granted = rules.Vm(), 0
        for number, (line, then) in enumerate(pairwise(lines)):
            if line.get("call") == "vm":
                vm = rules.Vm()
            elif "call" in line:
                self.count(line, then["errno"])
                allowed, after = rule(machine, vm, line)
                if then["errno"] not in allowed:
                    wanted = " or ".join(sorted(map(name, allowed)))
                    got = f"gave {name(then['errno'])} and not {wanted}"
                    self.unexplained.append(
                        f"seed {batch.seed}, call {number}: {json.dumps(line)} {got}"
                    )
                if then["errno"] == 0:
                    vm, granted = after, granted + allocated(line)
        self.most_bytes = max(self.most_bytes, granted)

    def count(self, called, answer):
        self.calls += 1
        self.seen[called["call"], name(answer)] += 1
        if called["call"] == "region" and answer == 0:
            self.largest_slot = max(self.largest_slot, called["size"])


def allocated(called):
    """Return the bytes that a call, if it succeeds, may allocate at most."""
    allocates = called["call"] == "fallocate" and not called["mode"] & rules.PUNCH_HOLE
    return called["length"] if allocates else 0


def rule(machine, vm, called):
    """Return the answers that the rules allow, and what the VM is if it is a success."""
    words = {name: value for name, value in called.items() if name not in NOT_RULED}
    where = called.get("where", "good")
    match called["call"]:
        case "create":
            allowed = rules.create(machine.kernel, **words, is_readable=where not in UNREADABLE)
            return allowed, rules.Vm({**vm.files, called["new"]: called["size"]}, vm.slots)
        case "fallocate":
            size = vm.files[words.pop("file")]
            return rules.fallocate(machine.kernel, **words, size=size), vm
        case "close":
            return {0}, rules.after_close(vm, called["file"])
    is_first = called["form"] == FIRST_FORM
    words["file"] = KINDS.get(words["file"], words["file"])
    # Half of the struct of the second form holds all of the first form's.
    is_readable = where not in UNREADABLE or (where == "border" and is_first)
    asked = rules.Region(**words, is_readable=is_readable, is_first_form=is_first)
    return rules.region(machine, vm, asked), rules.after_region(vm, asked)


def name(answer):
    return errorcode[answer] if answer else "0"


def this_kernel():
    with Bench() as bench:
        return bench.kernel
