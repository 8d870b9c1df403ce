"""The formats of lists that users have: one file per format, declared in `formats`; `own` makes clips of their rows."""
