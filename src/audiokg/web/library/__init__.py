"""The library of questions, and the editor."""
