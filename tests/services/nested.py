"""What a test gives to a pytest that it starts: nothing loaded that only this suite needs."""

from __future__ import annotations

_PLUGINS = ("anyio", "hypothesispytest", "pytest_flask_dance", "schemathesis", "time_machine")

#: For the variable PYTEST_ADDOPTS; these plugins take a second to load.
LEFT_OUT = " ".join(f"-p no:{plugin}" for plugin in _PLUGINS)
