"""Algorithm 1: from noisy measurements to draws of every model's efficiency."""
