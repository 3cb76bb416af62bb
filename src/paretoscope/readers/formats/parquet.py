"""Read Parquet files, by way of pyarrow."""

from __future__ import annotations

import importlib
import io
from typing import TYPE_CHECKING, Any

import pandas as pd

from paretoscope.errors import DataError, quote
from paretoscope.measurements.tables import Table, check_header, from_frame
from paretoscope.readers.files import LARGEST_TABLE, MOST_CELLS, check_extent

if TYPE_CHECKING:
    from paretoscope.readers.files import File


def read_parquet(file: File) -> Table:
    """Read a table from a Parquet file; its rows are counted from 0.

    Raises
    ------
    DataError
        If pyarrow is not installed, or the file is no Parquet file, or is far larger than it looks.
    """
    name, content = file.name, file.content
    try:
        parquet = importlib.import_module("pyarrow.parquet")
    except ImportError:
        raise DataError(
            f"{name}: found no pyarrow to read it with; expected it installed; pip install 'paretoscope[parquet]'"
        ) from None
    try:
        opened = parquet.ParquetFile(io.BytesIO(content))
        _check_declared(name, opened.metadata)
        # A text that is stored once and named in every row is kept once, in memory too.
        texts = [column.path for column in map(opened.schema.column, range(len(opened.schema))) if _is_text(column)]
        table = parquet.ParquetFile(io.BytesIO(content), read_dictionary=texts).read()
        # Without pandas' notes in the file, an index is a column like any other.
        frame = table.to_pandas(ignore_metadata=True)
    except DataError:
        raise
    except Exception as error:  # pyarrow's are of many kinds
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(
            f"{name}: found no Parquet ({quote(reason)}); expected a Parquet file; write it again"
        ) from None
    check_header(Table(frame, name), list(table.column_names))
    shared = [column for column, dtype in frame.dtypes.items() if isinstance(dtype, pd.CategoricalDtype)]
    return from_frame(frame.astype(dict.fromkeys(shared, object)), source=name)


def _is_text(column: Any) -> bool:
    return bool(column.physical_type == "BYTE_ARRAY") and bool(column.max_repetition_level == 0)


def _check_declared(name: str, metadata: Any) -> None:
    """Refuse a file that says itself that it is too large, before any of it is decoded."""
    check_extent(name, metadata.num_rows, metadata.num_columns)
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    # A list may hold any number of values. Only then are its columns asked, since pyarrow ends the whole process where
    # what they say of themselves is damaged.
    schema = metadata.schema
    lists = [number for number in range(len(schema)) if schema.column(number).max_repetition_level]
    n_values = sum(group.column(number).num_values for group in groups for number in lists)
    n_bytes = sum(group.total_byte_size for group in groups)
    if n_values > MOST_CELLS or n_bytes > LARGEST_TABLE:
        raise DataError(
            f"{name}: found {n_values} values in {n_bytes} bytes once unpacked; expected at most {MOST_CELLS} in "
            f"{LARGEST_TABLE}; keep the rows and columns that you need"
        )
