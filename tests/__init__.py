"""The suite; a package so that its rooms can import each other by name."""
