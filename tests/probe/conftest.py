"""One test at a time holds memory of a guest: some read the whole machine's /proc/meminfo."""

import pytest
from filelock import FileLock


@pytest.fixture(autouse=True, scope="module")
def alone_with_kvm(request, shared_folder):
    """Let a module whose tests ask KVM run beside none of its kind."""
    has_kvm = any(
        item.get_closest_marker("kvm")
        for item in request.session.items
        if item.path == request.path
    )
    if not has_kvm:
        yield
        return
    with FileLock(shared_folder / "kvm.lock"):
        yield
