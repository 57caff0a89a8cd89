"""gmemviz record: run a scenario in a real kernel in QEMU and bring its recording back.

What it writes is what `validate` compares and `export` plays. Status 0 once it is written, or the
scenarios are listed; 2 where QEMU, gcc or the kernel is missing, or the guest gave up.
"""

from argparse import Namespace
from pathlib import Path
from typing import Final

from gmemviz.cli.line import Answer, refuse, say
from gmemviz.errors import UsageError, choice
from gmemviz.record.boot import ACCELERATORS, LIMIT, SCENARIOS, record

TAKEN: Final = ("scenario", "kernel", "modules", "output", "accel", "limit")


def command(arguments: Namespace) -> Answer:
    """Write a recording, or list the scenarios; status 0."""
    if arguments.list:
        refuse(arguments, "--list records nothing", TAKEN, of="a SCENARIO")
        width = max(map(len, SCENARIOS))
        listed = [f"{name:{width}}  {scenario.driver}" for name, scenario in SCENARIOS.items()]
        return Answer("\n".join(listed))
    if arguments.scenario:
        choice("scenario", arguments.scenario, SCENARIOS)
    if arguments.accel:
        choice("accelerator", arguments.accel, ACCELERATORS)
    if not (arguments.scenario and arguments.kernel):
        raise UsageError("say which SCENARIO and which --kernel")
    out = arguments.output or Path(f"{Path(arguments.kernel).name}-{arguments.scenario}.txt")
    trace = record(
        arguments.scenario,
        kernel=arguments.kernel,
        modules=arguments.modules,
        out=out,
        accel=arguments.accel or ACCELERATORS[0],
        limit=arguments.limit or LIMIT,
        progress=say,
    )
    return Answer(f"{out}: {len(trace.events)} functions entered, on Linux {trace.kernel}")
