"""Points, values, quality. Pure."""
