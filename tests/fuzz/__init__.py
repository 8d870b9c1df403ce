"""Fuzzing of everything that reads what a user or a disk may have spoilt: `make fuzz MINUTES=60`.

What is read is valid, or refused by an `InputError` of one line that names it: no other exception, no hang, and no
memory that a header promises and a file does not hold. `tests/unit/test_fuzz.py` tries a few of the same examples.
"""
