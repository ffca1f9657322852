"""Shops of one brand around the same cars: by address below the platform's, and by host name."""
