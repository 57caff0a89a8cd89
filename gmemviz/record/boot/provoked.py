"""Let a kernel's own filesystem be used until its inodes die, and return what the console said.

Nothing of it is built but the program that is init: the filesystem is the distribution's, its image
its mkfs's, and who speaks is slub, which watches every cache.
"""

import tomllib
from importlib.resources import files
from typing import Any, Final, NamedTuple

from gmemviz.errors import choice
from gmemviz.record.boot.channel import Progress, quiet
from gmemviz.record.boot.images import image
from gmemviz.record.boot.judge import HEARD, WHAT, Console, Said
from gmemviz.record.boot.kernel_images import KernelImage, load_modules
from gmemviz.record.boot.module_build import build_provoker
from gmemviz.record.boot.qemu import AUTO, accelerator, boot, need_qemu

LIMIT: Final = 180.0
"""Seconds that a guest may take to begin: with slub debugging in each cache it is slow."""

# All caches: a filesystem's are many, and none of its names is known. They are kept apart then.
APPEND: Final = f"{HEARD} slub_debug=FZPU"
UNLOADS: Final = "rmmod"
"""The play that needs the filesystem to be a module."""

_TABLES: Final[dict[str, Any]] = tomllib.loads(
    (files("gmemviz.record.boot") / "provoked.toml").read_text(encoding="utf-8")
)


class ProvokedPlay(NamedTuple):
    """Say what a play does, and the model's scenarios that it is a run of."""

    does: str
    asks: tuple[str, ...]


class ProvokedFilesystem(NamedTuple):
    """Say what is done to a filesystem, and what it needs: modules, and an image or ""."""

    plays: tuple[str, ...]
    modules: tuple[str, ...]
    image: str


PLAYS: Final = {
    name: ProvokedPlay(row["does"], tuple(row["asks"])) for name, row in _TABLES["plays"].items()
}
"""Every play, by the name that record/provoked/provoke.c has."""

FILESYSTEMS: Final = {
    name: ProvokedFilesystem(
        tuple(row["plays"]), tuple(row.get("modules", ())), row.get("image", "")
    )
    for name, row in _TABLES["filesystems"].items()
}
"""Every filesystem that can be provoked, by the name that mount(2) takes."""


class Provoked(NamedTuple):
    """Give what the console said of each play, and which plays were none, each with the reason."""

    said: Said
    unplayed: dict[str, str]


def provoke(
    kernel: KernelImage, filesystem: str, *, accel: str = AUTO, progress: Progress = quiet
) -> Provoked:
    """Boot a kernel, play all plays of one of its filesystems, and return what was said.

    UnknownNameError for a filesystem of which there are none. RecordingError where the kernel has
    no such module, where mkfs makes no image, or where the guest plays nothing, with the console's
    last lines; MissingToolError without QEMU, gcc or mkfs. Nothing keeps running.
    """
    chosen = FILESYSTEMS[choice("filesystem", filesystem, FILESYSTEMS)]
    need_qemu(WHAT)
    modules = load_modules(kernel, chosen.modules) if chosen.modules else {}
    plays, unplayed = list(chosen.plays), {}
    if UNLOADS in plays and filesystem not in modules:
        plays.remove(UNLOADS)
        unplayed[UNLOADS] = f"{filesystem} is built into {kernel.release}"
    images = {"job/image": image(chosen.image)} if chosen.image else {}
    contents = {
        "init": build_provoker(),
        "job/filesystem": filesystem.encode(),
        "job/modules": "".join(f"{name}\n" for name in modules).encode(),
        **{f"job/{name}.ko": data for name, data in modules.items()},
        **images,
    }
    accel = accelerator(accel, kernel)
    said: Said = {}
    left = plays
    while left:
        progress(f"booting {kernel.release} with {accel} for {', '.join(left)}")
        contents["job/plays"] = "".join(f"{play}\n" for play in left).encode()
        found = boot(kernel, contents, Console(LIMIT), append=APPEND, accel=accel)
        said |= {play: found[play] for play in left if play in found}
        left = [play for play in plays if play not in said]
    return Provoked(said, unplayed)
