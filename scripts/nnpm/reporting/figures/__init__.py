"""The figures: `table` declares each in a row; the module of the same name draws it."""
