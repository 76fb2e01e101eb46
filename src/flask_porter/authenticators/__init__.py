"""Does this secret prove it? Pure: values in, verdict out; no store, no network, no Flask."""
