"""People as a table of text: the columns, reading and writing it, and what a table would change of a site. Pure, no I/O."""
