"""Blueprint `auth`: registering, logging in and out, and changing a password."""

from .views import bp as bp
