"""Configuration of Sphinx."""

from paretoscope.version import __version__

project = "paretoscope"
author = "The paretoscope developers"
copyright = author
release = version = __version__

extensions = ["myst_parser", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary", "sphinx.ext.mathjax"]
exclude_patterns = ["_build", "_templates"]
templates_path = ["_templates"]

myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

autosummary_generate = True
# Names that differ in case only must not share a file where the file system takes them for one.
autosummary_filename_map = {f"paretoscope.{name}": f"paretoscope.{name}-class" for name in ("Efficiency", "Frontier")}
autodoc_typehints = "none"  # numpydoc's sections say it in words
default_role = "py:obj"
numpydoc_show_class_members = False

html_theme = "furo"
html_title = f"paretoscope {version}"
html_show_sourcelink = False
