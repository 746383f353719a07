"""What a model is built from, and what builds on it."""
