"""Which way of telling measurements apart a column's name stands for: another model, another load, or repeats."""

from __future__ import annotations

import re
from typing import Final

# Compared in lower case, without spaces and a plural's s, less what may stand before.
_BEFORE: Final = r"n|num|number|of|the|params?|config|infer|inference|train|training|eval|model"
_KINDS: Final = {
    "model": r"precision|d(ata)?type|(torch|weight|compute)d?type|type[kv]|n?bits?|bitwidth"
    r"|quant(i[sz]ation|i[sz]ed|type|method|scheme|level)?"
    r"|(image|img|im|input|crop|test)(size|sz|shape)|(input)?res(olution)?"
    r"|variant|tag|weights?|recipe|pretrained|checkpoint|revision|version|pruning|sparsity|width|depth|compiled?|format|layout|channelslast"
    r"|backend|engine|runtime|framework|(execution)?provider|compiler|library|optimi[sz]er"
    r"|fa|attn|(flash)?att(entio)?n|kernel|mode|configuration|temperature|beams?(size)?",
    "load": r"(mini|micro|u)?batch(size)?|bsz?|batches|(max)?concurrency|concurrent(users|requests|clients)"
    r"|clients?|users?|streams?|requests?|requestrate|target(rate|qps)|load"
    r"|(intraop|interop|cpu)?threads?|workers?|cores?|gpus?|devices?|nodes?|tp|tensorparallel(size)?"
    r"|prompts?(tokens?|len(gth)?)?|gen|ctx|(input|output|in|out|seq(uence)?|context|max|gen)(len(gth)?|tokens?)|context"
    r"|isl|osl|workload|scenario|hardware|hw|cpu|platform|accelerator|soc|phone|board|instance(type)?|machine|host"
    r"|powermode|dataset|split|subset|tasks?|benchmark|subject|category|language|lang|(few)?shots?"
    r"|epochs?|(global)?steps?|iteration|phase|stage|input|sample|item|image|question",
    "repeat": r"trial|rep|repeat|repetition|replicate|(random)?seed|round|session|fold|attempt|try|index|idx|order"
    r"|position|(run|trial|repeat|rep)(id|no|nr|num|number|index)",
}


def kind_of(column: str) -> str:
    """What the levels of a column so named would be.

    Returns
    -------
    {"model", "load", "repeat", ""}
        Other models, other loads of the same model, repeats, or nothing that the name says.

    Examples
    --------
    >>> kind_of("infer_img_size"), kind_of("Concurrency"), kind_of("seed"), kind_of("gmacs")
    ('model', 'load', 'repeat', '')
    """
    words = re.findall(r"[a-z0-9]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column).lower())
    for begin in range(len(words)):
        name = "".join(words[begin:])
        for kind, names in _KINDS.items():
            if re.fullmatch(names, name):
                return kind
        if not re.fullmatch(_BEFORE, words[begin]):
            break
    return ""
