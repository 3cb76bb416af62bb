"""Real measurements of models: every run is a fresh process, and every machine leaves its fingerprint."""
