"""Suite "scale": 100,000 and a million rows, views from everything down to one row in ten thousand."""
