"""What was measured, in which role: from any table to one validated form.

One way through the files: `tables` (cells) -> `columns` (their jobs) -> `layouts` (long, wide, `published`) ->
`folding` (iterations to runs) -> `moments` (mean and spread) -> `measurements` (the class that the rest of the package
knows).
"""

from paretoscope.measurements.measurements import Measurements, check_data

__all__ = ["Measurements", "check_data"]
