"""Read Parquet files, by way of pyarrow."""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING

from paretoscope.errors import DataError
from paretoscope.measurements.tables import Table, check_header, from_frame

if TYPE_CHECKING:
    from paretoscope.readers.files import File


def read_parquet(file: File) -> Table:
    """Read a table from a Parquet file; its rows are counted from 0.

    Raises
    ------
    DataError
        If pyarrow is not installed, or the file is no Parquet file.
    """
    name, content = file.name, file.content
    try:
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise DataError(
            f"{name}: found no pyarrow to read it with; expected it installed; pip install 'paretoscope[parquet]'"
        ) from None
    try:
        table = parquet.ParquetFile(io.BytesIO(content)).read()
        # Without pandas' notes in the file, an index is a column like any other.
        frame = table.to_pandas(ignore_metadata=True)
    except (ValueError, OSError, NotImplementedError) as error:
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{name}: found no Parquet ({reason}); expected a Parquet file; write it again") from None
    check_header(Table(frame, name), list(table.column_names))
    return from_frame(frame, source=name)
