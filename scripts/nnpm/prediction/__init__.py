"""Use of trained checkpoints and of the model that comes with the package: predictor, export, command line."""

#: Whether the model of the package adapts: if recordings are enough and none speaks against it, always, never.
ADAPT = ("auto", "on", "off")
