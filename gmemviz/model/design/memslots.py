"""Say on which ways KVM takes a memslot's binding to a guest_memfd file away.

A binding is a pointer each way and no reference: slot->gmem.file, and an entry of the file's own
xarray, which virt/kvm/guest_memfd.c:kvm_gmem_release follows to write into the memslot. So whoever
frees a memslot has to take the entry away first, also where binding or installing it has failed.
"""

from collections.abc import Mapping
from typing import Final, Literal

Unbinds = Literal["failed store", "refused memslot", "changed flags"]

UNBINDS: Final[Mapping[Unbinds, str]] = {
    "failed store": (
        "xa_store_range has stored a part of the range when it fails, and that is erased again"
    ),
    "refused memslot": "kvm_set_memslot fails behind the binding, and the new memslot is unbound",
    "changed flags": (
        "a memslot whose flags change is replaced by another, and the old one is unbound, "
        "or the change is refused"
    ),
}
"""The ways beside the memslot's deletion, of which `unbinds_dying` tells.

Each of them was missing in some kernel, and then release wrote into a memslot that was freed.
"""
