"""For those who build on Flask-Porter: what their tests need, and what their stores must keep."""
