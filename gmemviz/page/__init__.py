"""Write a Design, a recording or a comparison as one HTML file that needs no network.

Not here: the player in a notebook (`widget`), whose scripts it carries. Start with `page.py`.
"""

from gmemviz.page.page import Made, page_of_comparison, page_of_recording, page_of_report
from gmemviz.page.staged import page_of_stage, page_of_stages

__all__ = (
    "Made",
    "page_of_comparison",
    "page_of_recording",
    "page_of_report",
    "page_of_stage",
    "page_of_stages",
)
