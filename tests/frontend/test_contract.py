"""The film that the front end gets: whole, plain, and refused by the place where it is wrong."""

import pytest

from gmemviz.frontend.contract import checked_film, clamped
from tests.widget.tiny_film import tiny_film


def without(film, *path):
    *parents, last = path
    target = film
    for step in parents:
        target = target[step]
    del target[last]
    return film


def with_value(film, value, *path):
    *parents, last = path
    target = film
    for step in parents:
        target = target[step]
    target[last] = value
    return film


@pytest.mark.parametrize(
    ("film", "message"),
    [
        ([], "film must be a mapping, not list"),
        (without(tiny_film(), "title"), "film.title must be a string"),
        (without(tiny_film(), "frames"), "film.frames must be a list"),
        (with_value(tiny_film(), [], "frames"), "film.frames must not be empty"),
        (with_value(tiny_film(), [], "pictures"), "film.pictures must not be empty"),
        (with_value(tiny_film(), 7, "frames", 2), r"film.frames\[2\] must be a mapping"),
        (without(tiny_film(), "frames", 1, "hook"), r"film.frames\[1\].hook must be a string"),
        (without(tiny_film(), "frames", 1, "roles"), r"film.frames\[1\].roles must map"),
        (with_value(tiny_film(), {"a-b": "now"}, "frames", 0, "roles"), "'a-b' is no element id"),
        (with_value(tiny_film(), {"a": "x y"}, "frames", 0, "roles"), "'x y' is no role"),
        (with_value(tiny_film(), "<p/>", "pictures", 0, "svg"), "must start with '<svg'"),
        (with_value(tiny_film(), "<svg>", "pictures", 0, "svg"), "not well-formed"),
        (with_value(tiny_film(), "memory", "pictures", 0, "name"), "2 pictures are named 'memory'"),
        (with_value(tiny_film(), object(), "extra"), "film is not plain JSON"),
    ],
)
def test_a_malformed_film_is_refused_by_name(film, message):
    with pytest.raises(ValueError, match=message):
        checked_film(film)


def test_an_id_that_two_pictures_share_is_refused():
    film = tiny_film()
    film["pictures"][1]["svg"] = film["pictures"][0]["svg"]
    with pytest.raises(ValueError, match="id 'n_evict' occurs 2 times"):
        checked_film(film)


def test_what_may_be_left_out_is_empty_and_the_rest_is_an_own_copy():
    film = tiny_film()
    for name in ("note", "text", "legend"):
        del film[name]
    kept = checked_film(film)
    assert (kept["note"], kept["text"], kept["legend"], kept["contexts"]) == ("", "", [], {})
    assert kept["frames"] == film["frames"]
    assert kept["frames"] is not film["frames"]


@pytest.mark.parametrize(("index", "brought"), [(-1, 0), (0, 0), (4, 4), (5, 4)])
def test_an_index_lies_within_the_frames(index, brought):
    assert clamped(index, tiny_film(5)) == brought
