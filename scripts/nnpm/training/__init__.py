"""Pretraining and adaptation: epochs, batches, optimizer, devices, checkpoints."""
