"""One self-contained HTML file a result: what to consider, what is open, and the figures to look at."""
