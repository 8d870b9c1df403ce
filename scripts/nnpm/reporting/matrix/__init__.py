"""The cross-corpus matrix, source x target: numbers, figure and texts."""
