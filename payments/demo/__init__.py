"""What of the demonstration has money in it."""
