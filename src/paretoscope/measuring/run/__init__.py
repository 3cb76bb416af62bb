"""One run: a fresh process that loads a model, times it, and answers with what it saw."""
