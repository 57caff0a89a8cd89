"""Hold every wrong model against all that the kernels said of the matrix, and keep the counts.

`make power` runs it; it takes some minutes and boots nothing. What comes out is data of a test
(tests/evidence/test_wrong_models.py), with a sum over the words that it was held against.
"""

import json
from pathlib import Path

from gmemviz.whole import write_whole
from tests.evidence.wrong_models import WRONG, asked, checksum, held_against

RATES = Path(__file__).parent.parent / "tests" / "evidence" / "wrong_models.json"


def main() -> None:
    """Write in how many cells each wrong model is given away."""
    cells = asked()
    counts: dict[str, int] = {}
    for name in WRONG:
        counts[name], reasons = held_against(name, cells)
        print(
            f"{counts[name]:5} of {len(cells)}: {name}: {reasons[0][1] if reasons else 'nowhere'}"
        )
    told = {"of": checksum(), "cells": len(cells), "given_away_in": counts}
    write_whole(RATES, (json.dumps(told, indent=1) + "\n").encode())


if __name__ == "__main__":
    main()
