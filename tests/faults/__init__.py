"""One table of bad and odd inputs: what is spoilt, what is asked for, and the words of the one line that must come.

`tests/unit/test_faults.py` asks the library, `tests/torture/test_bad_inputs.py` the workflow.
"""
