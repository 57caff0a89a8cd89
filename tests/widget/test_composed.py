"""A widget made of widgets: what lies in it goes with it, and where none runs a text stands."""

import ipywidgets
import pytest

from gmemviz.widget.composed import Composed, unwatched, with_still


class Two(Composed):
    """Show a label, and hold a button that lies deeper."""

    def __init__(self):
        self.label, self.button = ipywidgets.Label(), ipywidgets.Button()
        super().__init__([self.label], also=[self.button])

    def _still(self):
        return {"text/plain": "two"}


def test_it_closes_all_that_it_holds():
    two = Two()
    two.close()
    assert [part.comm for part in (two, two.label, two.button)] == [None] * 3


def test_its_still_stands_beside_the_widget():
    two = Two()
    data, _ = two._repr_mimebundle_()
    assert data["text/plain"] == "two"
    assert "application/vnd.jupyter.widget-view+json" in data
    two.close()


@pytest.mark.parametrize(
    ("bundle", "whole"),
    [
        (None, ({"a": 1}, {})),
        ({"a": 0, "b": 2}, ({"a": 1, "b": 2}, {})),
        (({"b": 2}, {"c": 3}), ({"a": 1, "b": 2}, {"c": 3})),
    ],
)
def test_whatever_the_host_says_of_a_widget_the_still_comes_to_it(bundle, whole):
    assert with_still(bundle, {"a": 1}) == whole


def test_what_is_set_unwatched_calls_nobody_also_where_it_fails():
    heard = []
    slider = ipywidgets.IntSlider(0)
    slider.observe(heard.append, "value")
    with unwatched(slider, heard.append):
        slider.value = 1
    assert heard == []
    with pytest.raises(ZeroDivisionError), unwatched(slider, heard.append):
        slider.value = 1 // 0
    slider.value = 2
    assert [change["new"] for change in heard] == [2]
    slider.close()
