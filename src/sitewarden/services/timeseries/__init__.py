"""The time-series service: core says which points a caller may read (`readable`); who holds the stores answers (`queries`)."""
