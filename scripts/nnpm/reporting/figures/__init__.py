"""The figures: `table` declares each in one row; the module of the same name draws it."""
