"""The one search box: words as people type them, resolved to brands, models, words of trim names and facets."""
