"""The methods: one file each, and `table`, which declares them all."""
