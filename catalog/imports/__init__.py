"""What the catalogue knows about tables of cars and stock."""
