"""A cell by its cleanup and metadata, for the tests of the search."""

from gmemviz.model import design_from_choices


def design(cleanup, metadata, *, kernel="7.3", placement="containing-struct", mount="own"):
    return design_from_choices(
        kernel=kernel, mount=mount, placement=placement, cleanup=cleanup, metadata=metadata
    )
