"""What a recording held against the model says of itself."""

import pytest

from gmemviz.errors import GmemvizError
from gmemviz.evidence.validate.conform import conform
from gmemviz.record import load_recording
from gmemviz.study import gallery
from tests.evidence.recorded_edits import OWN


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("other", ["", "rfc-v1-hugetlb", "hugetlbfs-7.3"])
def test_the_text_fits_a_mail(name, other):
    design = gallery(other) if other else None
    if design is not None and "unlink-closed" in name and not design.named:
        with pytest.raises(GmemvizError, match="does not ask about"):
            conform(load_recording(name), design)
        return
    found = conform(load_recording(name), design)
    assert max(map(len, found.text.splitlines())) <= 72
    assert str(found) == found.text
    answer = found.answer()
    signs = [event["sign"] for event in answer["events"]]
    assert signs.count("=") == answer["matched"]
    assert signs.count("!") == (not found.conforms)
    assert answer["conforms"] == found.conforms
