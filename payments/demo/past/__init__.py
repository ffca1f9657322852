"""A year of orders in every sales model and channel, written as they would have come to be.

Events, papers and payments carry the moments they are of, so they are written in bulk and not by the services,
whose clock is the database's; `check_integrity` holds them to the same promises. Everything is drawn from one seed.
"""
