"""What a training costs, measured around the user's own loop."""
