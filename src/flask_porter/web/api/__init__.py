"""The JSON API: one row a flow, and the document that is made of the same rows."""
