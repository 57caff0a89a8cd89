"""Say what a browser is given: scripts, stylesheets, the film that a player takes, a verdict.

Whoever shows something puts these into a page of his own: `widget` into one of Jupyter's, `page`
into a file, the site into its folder. So nothing here knows Jupyter.
"""

from gmemviz.frontend.contract import checked_film, clamped
from gmemviz.frontend.scripts import STATIC, script, stylesheet
from gmemviz.frontend.verdict import look_of, verdict_html

__all__ = (
    "STATIC",
    "checked_film",
    "clamped",
    "look_of",
    "script",
    "stylesheet",
    "verdict_html",
)
