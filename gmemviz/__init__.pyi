"""Say to editors and type checkers what gmemviz has; `python -m scripts.stub` writes it."""

from collections.abc import Sequence
from gmemviz.facts.probed import ProbeReport
from gmemviz.facts.records import Trace
from gmemviz.facts.snapshot import Facts
from gmemviz.model.scenarios.scenario import Scenario
from gmemviz.study.compare import Comparison
from gmemviz.study.convention import Judgement
from pathlib import Path
from typing import Any
from typing import Final
from typing import Literal
from gmemviz.errors import GmemvizError as GmemvizError
from gmemviz.evidence import confirm as confirm
from gmemviz.evidence import conform as conform
from gmemviz.evidence import validate as validate
from gmemviz.facts import kernels as kernels
from gmemviz.model import Design as Design
from gmemviz.model import Report as Report
from gmemviz.probe import ask_kernel as ask_kernel
from gmemviz.probe import ask_or_load as ask_or_load
from gmemviz.probe import reports as reports
from gmemviz.record import follow as follow
from gmemviz.record import recordings as recordings
from gmemviz.render import Film as Film
from gmemviz.study import designs as designs
from gmemviz.study import designs_for as designs_for
from gmemviz.study import explain as explain
from gmemviz.study import mail as mail
from gmemviz.study import match as match
from gmemviz.study import verdict as verdict
from gmemviz.widget import Driver as Driver
from gmemviz.widget import Explorer as Explorer
from gmemviz.widget import MatrixExplorer as MatrixExplorer
from gmemviz.widget import Player as Player
from gmemviz.widget import ProbeView as ProbeView
from gmemviz.widget import Stage as Stage
from gmemviz.widget import play as play

__version__: str
EXPORTS: Final[dict[str, str]]
SHOWN: Final[tuple[str, ...]]

_DesignName = Literal["aio-6.12", "aio-7.3", "bpffs-6.12", "bpffs-7.3", "bpffs-destroy-only", "dma-buf-6.12", "dma-buf-7.3", "guest_memfd-6.12", "guest_memfd-7.3", "guest_memfd-dying-slot", "guest_memfd-no-barrier", "guest_memfd-rfc-v12", "hugetlbfs-6.12", "hugetlbfs-7.3", "hugetlbfs-stale-resv_map", "in-place-conversion", "mappability-v5", "mappability-v7", "nsfs-6.12", "nsfs-7.3", "pidfs-6.12", "pidfs-7.3", "pipefs-6.12", "pipefs-7.3", "rfc-v1-free_inode", "rfc-v1-hugetlb", "rfc-v2", "secretmem-6.12", "secretmem-7.3", "shmem-6.12", "shmem-7.3", "sockfs-6.12", "sockfs-7.3"]
_KernelName = Literal["6.1", "6.12", "7.3"]
_CellKernel = Literal["6.12", "7.3"]
_MountName = Literal["own", "anon-inode", "static-superblock"]
_PlacementName = Literal["i_private-flags", "i_private", "i_private_data", "containing-struct", "file-private_data", "global-xarray"]
_CleanupName = Literal["none", "release", "drop-returns-1", "drop-returns-0", "evict-before-truncate", "evict-after-truncate", "evict-without-clear", "destroy-leaves-memory", "destroy-frees-now", "destroy+free", "destroy-own-rcu", "free-all", "free-metadata-only"]
_MetadataName = Literal["flags", "shareability-tree", "attributes-tree", "faultability-xarray", "hugetlb-subpool", "resv_map", "shared_policy", "rcu-blob", "folio-put-state", "alloc-time-blob"]
_RecordingName = Literal["6.12-bpf-umount", "6.12-bpf-unlink-closed", "6.12-confirmed-clean", "6.12-confirmed-leak", "6.12-confirmed-softirq", "6.12-eventfd", "6.12-ext4-drop-caches", "6.12-ext4-umount", "6.12-ext4-umount-busy", "6.12-ext4-unlink", "6.12-ext4-unlink-closed", "6.12-hugetlb", "6.12-kvm-unload", "6.12-memfd-policy", "6.12-overlay-drop-caches", "6.12-overlay-rmmod", "6.12-overlay-rmmod-later", "6.12-overlay-umount", "6.12-overlay-unlink", "6.12-overlay-unlink-closed", "6.12-pipe", "6.12-proc-umount", "6.12-secretmem", "6.12-socket", "6.12-tmpfs-umount", "6.12-tmpfs-umount-busy", "6.12-tmpfs-unlink", "6.12-tmpfs-unlink-closed", "7.3-bpf-umount", "7.3-bpf-unlink-closed", "7.3-eventfd", "7.3-ext4-drop-caches", "7.3-ext4-umount", "7.3-ext4-umount-busy", "7.3-ext4-unlink", "7.3-ext4-unlink-closed", "7.3-gmem", "7.3-gmem-bound-fd-first", "7.3-gmem-bound-vm-first", "7.3-gmem-fd-first", "7.3-gmem-inotify", "7.3-gmem-opath", "7.3-gmem-private", "7.3-gmem-punched", "7.3-hugetlb", "7.3-kvm-unload", "7.3-memfd-policy", "7.3-overlay-drop-caches", "7.3-overlay-rmmod", "7.3-overlay-rmmod-later", "7.3-overlay-umount", "7.3-overlay-unlink", "7.3-overlay-unlink-closed", "7.3-pipe", "7.3-proc-umount", "7.3-secretmem", "7.3-socket", "7.3-tmpfs-umount", "7.3-tmpfs-umount-busy", "7.3-tmpfs-unlink", "7.3-tmpfs-unlink-closed"]
_ReportName = Literal["6.18", "7.3"]

def check(design: _DesignName | Design | str | Path, *, facts: Facts | None = None, scenarios: Sequence[Scenario | str] | None = None, limit: int = 200000, keep_moves: bool = False, **more: Any) -> Report:
    """Return the Report of a Design, a name of the gallery or a file of TOML.

    Every interleaving of each scenario that asks about it is searched, or of `scenarios` alone,
    up to `limit` states. `facts` are those of another kernel or tree; `keep_moves` keeps what a
    diagram of states needs. `more` is for who tests the model (`gmemviz.model.check`).
    """

def compare(a: _DesignName | Design | str | Path, b: _DesignName | Design | str | Path) -> Comparison:
    """Return both Designs checked, side by side; either may be a gallery's name or a file.
    """

def judge(design: _DesignName | Design | str | Path) -> Judgement:
    """Return the judgement on `design`; the first breach of the rule is the reason.
    """

def gallery(name: _DesignName | str) -> Design:
    """Return a Design of the gallery by its name; UnknownNameError lists the names.
    """

def load(kernel: _KernelName | str) -> Facts:
    """Return the shipped facts of a kernel, such as ``7.3``; UnknownNameError names `snapshots`.
    """

def load_recording(name: _RecordingName | str) -> Trace:
    """Load one of `recordings()`; its title says what the driver did.
    """

def load_report(name: _ReportName | str) -> ProbeReport:
    """Return one of `reports()`: what a real kernel said once, and so `recorded`.
    """

def design_from_choices(*, kernel: _CellKernel | str, mount: _MountName | str, placement: _PlacementName | str, cleanup: _CleanupName | str, metadata: _MetadataName | str) -> Design:
    """Return the Design that five choices make; UnknownNameError for a wrong word.

    Whether the choices go together is `why_not`'s to say.
    """
