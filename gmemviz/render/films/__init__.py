"""Make films: what a player shows step by step, of a Report, a recording or what was held.

Not here: a single picture (`render`). Start with `film.py`.
"""

from gmemviz.render.films.confirmation import film_of_confirmation
from gmemviz.render.films.conformity import film_of_conformity
from gmemviz.render.films.film import (
    Film,
    Trail,
    facts_of,
    film_of_drawing,
    film_of_drive,
    film_of_recording,
    film_of_report,
    frame_of,
)
from gmemviz.render.films.played import Played, film_of
from gmemviz.render.films.still import still_html, still_step
from gmemviz.render.films.tabs import tabs_of_run

__all__ = (
    "Film",
    "Played",
    "Trail",
    "facts_of",
    "film_of",
    "film_of_confirmation",
    "film_of_conformity",
    "film_of_drawing",
    "film_of_drive",
    "film_of_recording",
    "film_of_report",
    "frame_of",
    "still_html",
    "still_step",
    "tabs_of_run",
)
