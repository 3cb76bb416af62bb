"""Figures 1 and 2: the Pareto front and the frontier of two metrics, at the means and under noise."""
