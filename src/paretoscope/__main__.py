"""Allow ``python -m paretoscope``."""

from paretoscope.cli import run

run()
