"""One module per model family: how its classes are built, and the committed cases."""
