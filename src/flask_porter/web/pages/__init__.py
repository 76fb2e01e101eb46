"""The pages: one file a flow; GET shows, POST runs."""
