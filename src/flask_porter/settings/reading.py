"""Reads the settings of an app from its configuration, all at once, or says what to write."""

from __future__ import annotations

from dataclasses import fields
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final

from ..errors import SetUpError
from .checks import problems
from .keys import OF_FLASK, Settings, config_key
from .resolved import resolve

if TYPE_CHECKING:
    from collections.abc import Mapping
    from dataclasses import Field

_FIELDS: Final = fields(Settings)
_KEYS: Final = {config_key(field.name): field for field in _FIELDS}


def read_settings(config: Mapping[str, Any], *, name: str, debug: bool, testing: bool) -> Settings:
    """Return the settings that ``config`` holds, checked.

    Args:
        config: the configuration of the app; only ``PORTER_*`` and a few keys of Flask count.
        name: of the app.
        debug: whether it runs with the debugger.
        testing: whether its tests run.

    Raises:
        SetUpError: a key is unknown, of another kind, or not safe; each line says what to write.
    """
    wrong = [_unknown(key) for key in config if key.startswith("PORTER_") and key not in _KEYS]
    values: dict[str, Any] = {}
    for key, field in _KEYS.items():
        try:
            values[field.name] = _value(config.get(key), field)
        except (TypeError, ValueError, OverflowError):
            wrong.append(_not_of_its_kind(key, config[key], field))
    if not wrong and values["secret_key"] is None:
        wrong.append(_UNSIGNED)
    if not wrong:
        root = config.get("APPLICATION_ROOT") or "/"
        settings = Settings(**resolve(values, name=name, root=root, debug=debug, testing=testing))
        wrong = problems(settings, config, debug=debug)
        if not wrong:
            return settings
    raise SetUpError("\n".join(wrong))


def _value(given: Any, field: Field[Any]) -> Any:
    # Flask has None and "" for a key that nobody wrote.
    if given is None or (field.name in OF_FLASK and not given):
        return field.default
    return field.metadata["kind"].read(given)


def _unknown(key: str) -> str:
    nearest = get_close_matches(key, _KEYS, n=1, cutoff=0)
    return f"{key} is no setting. Do you mean {nearest[0]}?"


def _not_of_its_kind(key: str, given: Any, field: Field[Any]) -> str:
    shown = "" if not field.repr else f", not {str(given)[:80]!r}"
    return f"{key} must be {field.metadata['kind'].words}{shown}."


_UNSIGNED: Final = (
    "Set SECRET_KEY, which signs the session cookie, to the output of"
    " python -c 'import secrets; print(secrets.token_hex())', and keep it out of the repository."
    " While you develop, 'flask --debug' makes one for you."
)
