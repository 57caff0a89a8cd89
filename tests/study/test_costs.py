"""What a Design costs is counted."""

from gmemviz.facts import load
from gmemviz.model import design_from_choices
from gmemviz.study import cost, gallery


def test_costs_are_counted():
    def of(name):
        design = gallery(name)
        return tuple(cost(design, load(design.kernel)))

    assert of("guest_memfd-6.12") == (0, 0, 0, False)  # a release that does nothing here
    assert of("guest_memfd-7.3") == (0, 3, 2, False)
    assert of("rfc-v1-hugetlb") == (2, 1, 2, False)  # both behind one pointer
    assert of("hugetlbfs-6.12") == of("hugetlbfs-7.3") == (1, 3, 1, False)  # a pointer in each

    def cell(cleanup, placement, mount="own"):
        design = design_from_choices(
            kernel="7.3", mount=mount, placement=placement, cleanup=cleanup, metadata="rcu-blob"
        )
        return tuple(cost(design, load("7.3")))

    assert cell("free-all", "containing-struct") == (1, 2, 1, True)
    assert cell("free-all", "containing-struct", "anon-inode") == (1, 2, 1, False)  # never runs
    assert cell("destroy+free", "i_private") == (1, 2, 1, False)
    assert cell("destroy-own-rcu", "containing-struct") == (1, 3, 1, False)  # and a callback
    assert cell("evict-after-truncate", "global-xarray") == (1, 1, 2, False)
