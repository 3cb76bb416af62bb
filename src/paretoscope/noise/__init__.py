"""Step 1 of Algorithm 1: how each metric of each model varies, and simulated metrics of all models at once."""
