"""Blueprint `main`: the pages one logs in for."""

from .views import bp as bp
