"""Drawn scenes with exact masks, questions and captions about them, and three small models that are trained on them."""
