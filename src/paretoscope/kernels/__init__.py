"""The numerical core, in Numba: arrays in, arrays and a status out; no names, no tables, no generator of their own."""
