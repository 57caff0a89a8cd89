"""Configure Sphinx for `scripts.docs`, which copies this beside the pages as conf.py."""

project = "gmemviz"
extensions = ["myst_nb"]
source_suffix = {".md": "myst-nb", ".ipynb": "myst-nb"}
root_doc = "index"
nb_execution_mode = "off"
myst_heading_anchors = 3
html_theme = "furo"
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_title = "gmemviz"
html_theme_options = {
    "announcement": (
        '<a href="https://site.invalid/index.html">All pages</a> · '
        '<a href="https://site.invalid/playground.html">The playground</a>'
    ),
}
