"""Starts, watches and stops everything the platform needs on one machine; imports no Django."""
