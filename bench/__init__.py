"""Every figure we claim about speed, measured beside Flask and Flask-Login in one run."""
