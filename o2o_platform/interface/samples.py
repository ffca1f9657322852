"""Interim."""
def gallery_samples():
    return {}
