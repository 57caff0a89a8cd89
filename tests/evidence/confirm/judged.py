"""Designs, and what a kernel may say of them."""

from gmemviz.evidence.confirm.confirm import confirmation
from gmemviz.evidence.confirm.runs import runs_of_design
from gmemviz.model import design_from_choices

LEAKS = {"last-close", "gup-fast", "o-path", "creation-fails-late", "unmount"}


def cell(placement, cleanup, metadata, mount="own", kernel="6.12"):
    return design_from_choices(
        kernel=kernel, mount=mount, placement=placement, cleanup=cleanup, metadata=metadata
    )


def said(design, words=(), runs=None):
    """Return a console on which the named runs say the words, and the others nothing."""
    runs = {str(run) for run in runs_of_design(design)} if runs is None else runs
    return {
        f"your {run}": tuple(words) if str(run) in runs else () for run in runs_of_design(design)
    }


def judged(design, words=(), runs=None):
    return confirmation(design, "6.12.0", said(design, words, runs))


CLEAN = cell("i_private", "evict-after-truncate", "resv_map")
FREED = "gmemviz: x is read when its memory is freed: 6b 6b 6b 6b, red zone bb bb bb bb"
LEFT = "BUG gv-your.1-x (Not tainted): Objects remaining on __kmem_cache_shutdown()"
STUCK = "watchdog: BUG: soft lockup - CPU#0 stuck for 3s! [somebody else:133]"
LOST = "gmemviz: the kernel was lost"
LEAKY = cell("i_private", "none", "attributes-tree")
