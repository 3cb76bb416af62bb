"""What Hypothesis draws: strangers' files, valid ones made hostile."""

from __future__ import annotations

from functools import cache

from hypothesis import strategies as st

import mutations

RANDOMS = st.randoms(use_true_random=False)


@cache
def saved_parts():
    """Of a saved result, drawn once."""
    return mutations.saved_parts()


FILES = {
    ".csv": RANDOMS.map(mutations.delimited),
    ".tsv": RANDOMS.map(lambda random: mutations.delimited(random, "\t")),
    ".jsonl": RANDOMS.map(mutations.json_lines),
    ".parquet": RANDOMS.map(mutations.parquet),
    ".toml": RANDOMS.map(mutations.study),
    ".npz": RANDOMS.map(lambda random: mutations.saved(random, saved_parts())),
}
RECORDS = RANDOMS.map(lambda random: mutations.changed(random, saved_parts()["header"]["data"]))
BYTES = st.binary(max_size=200)
