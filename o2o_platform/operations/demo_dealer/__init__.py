"""A dealer's own system, for demonstrations and tests: a separate program that knows the platform by its API alone."""
