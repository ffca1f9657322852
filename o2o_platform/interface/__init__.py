"""What every page is made of: template tags, the drawn cars and the component gallery."""
