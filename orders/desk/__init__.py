"""The dealership's desk: what is to be done today, and doing it from the row."""
