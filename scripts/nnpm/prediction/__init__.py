"""A trained checkpoint put to use: predictor, export, command line."""
