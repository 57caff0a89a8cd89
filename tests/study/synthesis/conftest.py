"""Syntheses that several tests look at."""

import pytest

from gmemviz.study import designs_for


@pytest.fixture(scope="session")
def merged():
    return designs_for(["flags", "shared_policy"], kernel="7.3")


@pytest.fixture(scope="session")
def proposed():
    return designs_for(["faultability-xarray", "hugetlb-subpool"], kernel="6.12")
