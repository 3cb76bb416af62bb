"""When enough is known: which models are worth another run."""
