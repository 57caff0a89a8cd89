"""Tell which gallery Designs a probed kernel's guest_memfd can be, by what a program can see."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from gmemviz.errors import of_kind
from gmemviz.facts import ProbeReport
from gmemviz.model import Design
from gmemviz.shown import Several, Text, shows_itself
from gmemviz.study.gallery import designs, gallery
from gmemviz.text import one_line

RELEASE: Final = "kvm_gmem_release"
"""What tells a guest_memfd from other files. (virt/kvm/guest_memfd.c:kvm_gmem_fops@v6.12)"""

KINDS: Final = ("kernel", "proposal")


@shows_itself
@dataclass(frozen=True, slots=True)
class Match:
    """Say in words what agrees and what differs between one gallery Design and a report.

    `unseen` is what the report does not tell. `origin` is the Design's: a kernel's, or a proposal.
    """

    design: str
    origin: str
    agrees: tuple[str, ...]
    differs: tuple[str, ...]
    unseen: tuple[str, ...]

    def __repr__(self) -> str:
        counts = f"{len(self.agrees)} agree, {len(self.differs)} differ, {len(self.unseen)} unseen"
        return f"<Match {one_line(self.design)}: {counts}>"


def match(report: ProbeReport) -> tuple[Match, ...]:
    """Return a Match for each Design of a guest_memfd, the best first.

    Bugs and mutations are left out: they differ from their Design where no program can see it.
    What decides is the mount, whether user space can map the pages, and whether a NUMA policy
    outlives its mapping (then the inode keeps it); nothing else of a Design can be seen from
    user space. Empty where the report has no guest_memfd.
    """
    of_kind("report", report, ProbeReport)
    if not report.value("mount"):
        return Several()
    found = [_match(report, design) for design in map(gallery, designs()) if _can_be(design)]
    return Several(sorted(found, key=lambda near: (*_fit(near), near.design)))


def _can_be(design: Design) -> bool:
    return design.origin in KINDS and RELEASE in dict(design.functions).values()


def report_text(report: ProbeReport) -> str:
    """Return what a report says, a line a sentence: the headline, the best matches, what differs.

    Without a guest_memfd the headline says what is missing, and else the end does.
    """
    further = report.missing if report.value("mount") else ()
    lines = (report.headline, match_sentence(report), *report.findings, *further)
    return Text("\n".join(lines))


def match_sentence(report: ProbeReport) -> str:
    """Return the best matches as one sentence."""
    found = match(report)
    if not found:
        return Text("No guest_memfd was seen, so no Design of the gallery matches.")
    best = [near for near in found if _fit(near) == _fit(found[0])]
    if not found[0].differs:
        names = " and ".join(near.design for near in best)
        agreed = "; ".join(found[0].agrees)
        return Text(f"What was seen is what {names} would show ({agreed}).")
    buts = [f"{near.design}, but {'; '.join(near.differs)}" for near in best]
    return Text(f"Nearest in the gallery: {'. Or '.join(buts)}.")


# Of two that fit alike, what is in a kernel is likelier than what was proposed.
def _fit(match: Match) -> tuple[int, int, bool]:
    return len(match.differs), -len(match.agrees), match.origin != "kernel"


def _match(report: ProbeReport, design: Design) -> Match:
    agrees, differs, unseen = [], [], []
    for what, (seen, has) in TRAITS.items():
        here, there = seen(report), has(design)
        if not here:
            unseen.append(what)
        elif here == there:
            agrees.append(f"{what}: {here}")
        else:
            differs.append(f"{what}: {here} here, {there} there")
    return Match(design.name, design.origin, tuple(agrees), tuple(differs), tuple(unseen))


def _mappable(report: ProbeReport) -> str:
    flags = report.value("KVM_CAP_GUEST_MEMFD_FLAGS on a VM")
    return _yes(bool(int(flags) & 1)) if flags else ""


def _policy(report: ProbeReport) -> str:
    before, after = report.value("policy set"), report.value("policy after remap")
    if not (before.isdecimal() and after.isdecimal()):
        return ""
    return "kept by the inode" if before == after else "lost with the mapping"


def _keeps_policy(design: Design) -> str:
    keeps = "shared_policy" in {kept.kind.name for kept in design.keeps}
    return "kept by the inode" if keeps else "lost with the mapping"


def _yes(whether: bool) -> str:  # noqa: FBT001 (the value is the point)
    return "yes" if whether else "no"


TRAITS: Final[
    Mapping[str, tuple[Callable[[ProbeReport], str], Callable[[Design], str]]]
] = {
    "mount": (lambda report: report.value("mount"), lambda design: design.mount.name),
    "pages can be mapped": (_mappable, lambda design: _yes(design.mappable)),
    "NUMA policy": (_policy, _keeps_policy),
}  # fmt: skip
