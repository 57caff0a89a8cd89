"""Ask KVM_SET_MEMORY_ATTRIBUTES, which says what guest memory is private, if it is built in."""

from collections.abc import Callable, Iterator
from typing import Final

from gmemviz.probe.abi import PAGE, MemoryAttributes
from gmemviz.probe.case import Case, Expected
from gmemviz.probe.fixture import Bench, Kernel

PRIVATE: Final = 1 << 3
SET: Final = "virt/kvm/kvm_main.c:kvm_vm_ioctl_set_mem_attributes@v7.3"
NOTE: Final = "ENOTTY where KVM is built without it"

# In words: address, size, attributes, flags, and the answer of a VM that has PRIVATE.
ASKED: Final = {
    "none": (0, PAGE, 0, 0, "0"),
    "PRIVATE": (0, PAGE, PRIVATE, 0, "0"),
    "unknown": (0, PAGE, 1, 0, "EINVAL"),
    "flags": (0, PAGE, 0, 1, "EINVAL"),
    "size 0": (0, 0, 0, 0, "EINVAL"),
    "address unaligned": (1, PAGE, 0, 0, "EINVAL"),
    "size unaligned": (0, PAGE + 1, 0, 0, "EINVAL"),
    "wraps": (2**64 - PAGE, PAGE, 0, 0, "EINVAL"),
}


def cases() -> tuple[Case, ...]:
    """Return the questions, in the order of asking."""
    return tuple(_cases())


def _cases() -> Iterator[Case]:
    for words, (address, size, attributes, flags, got) in ASKED.items():
        given = MemoryAttributes(address, size, attributes, flags)
        call = f"KVM_SET_MEMORY_ATTRIBUTES: {words}"
        expected = _expected(attributes, got)
        yield Case(f"attributes {words}", call, _set(given), expected, SET, note=NOTE)


def _set(given: MemoryAttributes) -> Callable[[Bench], int]:
    return lambda bench: bench.call("KVM_SET_MEMORY_ATTRIBUTES", given)


# A VM without private memory answers 0 to KVM_CAP_MEMORY_ATTRIBUTES whether or not the ioctl is
# built in. Where it is, such a VM has no attribute: it takes none of them, but an empty set.
def _expected(attributes: int, got: str) -> Expected:
    def of_kernel(kernel: Kernel) -> tuple[str, ...]:
        supported = kernel.capabilities.get("KVM_CAP_MEMORY_ATTRIBUTES", 0)
        answer = "EINVAL" if attributes & ~supported else got
        return (answer,) if supported else ("ENOTTY", answer)

    return of_kernel
