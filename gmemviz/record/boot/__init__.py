"""Boot a kernel in QEMU: to record a scenario, or to let it judge a module.

Not here: reading what was recorded (`text`). Start with `session.py` and `judge.py`.
"""

from gmemviz.record.boot.judge import LOST, OURS, WHAT, Guest, Said, judge
from gmemviz.record.boot.judged import JudgedRun, console_of, functions_in, record_judged
from gmemviz.record.boot.kernel_images import (
    KernelImage,
    find_kernel,
    headers_of,
    kernels_folder,
    kernels_here,
    refuse_headers,
    release_of,
    release_of_modules,
)
from gmemviz.record.boot.module_build import (
    CompileError,
    build_guest,
    build_module,
    driver_texts,
    need_build_tools,
)
from gmemviz.record.boot.provoked import FILESYSTEMS as PROVOKED
from gmemviz.record.boot.provoked import PLAYS as PROVOCATIONS
from gmemviz.record.boot.provoked import Provoked, provoke
from gmemviz.record.boot.qemu import ACCELERATORS, AUTO, accelerator, need_qemu
from gmemviz.record.boot.scenarios import SCENARIOS
from gmemviz.record.boot.session import LIMIT, record, write_text

__all__ = (
    "ACCELERATORS",
    "AUTO",
    "LIMIT",
    "LOST",
    "OURS",
    "PROVOCATIONS",
    "PROVOKED",
    "SCENARIOS",
    "WHAT",
    "CompileError",
    "Guest",
    "JudgedRun",
    "KernelImage",
    "Provoked",
    "Said",
    "accelerator",
    "build_guest",
    "build_module",
    "console_of",
    "driver_texts",
    "find_kernel",
    "functions_in",
    "headers_of",
    "judge",
    "kernels_folder",
    "kernels_here",
    "need_build_tools",
    "need_qemu",
    "provoke",
    "record",
    "record_judged",
    "refuse_headers",
    "release_of",
    "release_of_modules",
    "write_text",
)
