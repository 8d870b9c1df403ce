"""Use of trained checkpoints: predictor, export, command line."""
