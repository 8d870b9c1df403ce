"""Figures that show what a run did, each a module: `numbers` of it, `draw` them, `describe` them in words."""
