"""A demonstration platform: real model names, invented dealerships, people and stock."""
