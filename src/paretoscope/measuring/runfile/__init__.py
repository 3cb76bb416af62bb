"""The file of runs and what stands beside it: nothing that was measured is lost."""
