"""One command a file; each takes the flags as parsed and prints its answer."""
