"""Which model is better, and how sure that is: pairs, tiers, ranks and stochastic dominance; on arrays alone."""
