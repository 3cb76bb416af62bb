"""Equation (1): relative efficiency by Data Envelopment Analysis, each score with its proof."""
