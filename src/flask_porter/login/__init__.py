"""Who is this request? Everything that replaces Flask-Login; it needs Flask alone."""
