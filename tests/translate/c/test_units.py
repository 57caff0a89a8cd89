"""Many Designs in few files."""

import re

from gmemviz.translate.c.units import module_units
from tests.translate.c.texts import GOLDEN


def test_many_designs_go_into_few_files_and_one_table():
    chosen = {f"c{number}": GOLDEN["pointer"] for number in range(130)}
    units = module_units(chosen)
    assert list(units) == ["designs_0", "designs_1", "designs_2", "table"]
    assert units["designs_0"].count("#line 1") == 60
    assert '#line 1 "c129.c"' in units["designs_2"]
    assert re.findall(r"&(c\d+)_design", units["table"]) == list(chosen)
