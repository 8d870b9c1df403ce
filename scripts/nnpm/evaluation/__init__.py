"""Inference, scores, their uncertainty, and label-free criteria."""
