"""What a log or an error reporter prints of our values shows no secret: LG07."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

import flask_porter
from flask_porter.flows import login
from flask_porter.flows.mailed_proof import MailedProof
from tests.account_site import ADA, PASSWORD
from tests.attacks.token_kinds import hold_everything

CANARY = "canary"
#: What a field that holds a secret is called: a key, a proof, a hash of one, what a mail says,
#: what was typed into a form, or what a page shows of somebody alone.
SECRET = re.compile(
    r"token|secret|code|password|digest|hash|browser|known_device|not_me|pepper|nonce|mail_url"
    r"|^(text|html|link|fields|values|id|body|key|keys|proof)$"
)
#: Called like one, and none: settings, flags, and what a person or an operator is shown.
HARMLESS = re.compile(
    r"password_(rules|min_length|max_length|context_words|blocklist)|code_ttl|hash_(concurrency|wait)"
    r"|needs_rehash|has_(code|not_me)|not_me_ttl|tokens|user_key"
)
#: Names of rows, and addresses, which open nothing; refusals, which say what is wrong.
NO_SECRETS = {
    ("EmailAddress", "key"),
    ("Letter", "id"),
    ("Problem", "fields"),
    ("SessionRecord", "id"),
    ("ShownForm", "fields"),
    ("UserBody", "id"),
    ("Username", "key"),
    ("_Count", "key"),
    # Functions, classes, a flag.
    ("Accounts", "hasher"),
    ("Accounts", "link"),
    ("FormPage", "values"),
    ("Models", "token"),
    ("Proven", "same_browser"),
}


def kinds() -> Iterator[type[Any]]:
    """Return every dataclass and model of the account layer."""
    for found in pkgutil.walk_packages(flask_porter.__path__, "flask_porter."):
        if ".login" in found.name or ".migrations" in found.name:
            continue
        for each in vars(importlib.import_module(found.name)).values():
            is_here = isinstance(each, type) and each.__module__ == found.name
            if is_here and (is_dataclass(each) or issubclass(each, BaseModel)):
                yield each


def shown(kind: type[Any]) -> str:
    """Return how a value prints whose every field holds a canary of its own."""
    if issubclass(kind, BaseModel):
        held: dict[str, Any] = {
            name: SecretStr(f"{CANARY}-{name}.")
            if "SecretStr" in str(field.annotation)
            else f"{CANARY}-{name}."
            for name, field in kind.model_fields.items()
        }
        return repr(kind.model_construct(None, **held))
    value = object.__new__(kind)
    for field in fields(kind):
        object.__setattr__(value, field.name, f"{CANARY}-{field.name}.")
    return repr(value)


def secrets_in(kind: type[Any]) -> set[str]:
    """Return the fields whose canaries are seen, and are secrets by their name."""
    seen = re.findall(rf"{CANARY}-(\w+)\.", shown(kind))
    names = {name for name in seen if SECRET.search(name) and not HARMLESS.fullmatch(name)}
    return {name for name in names if (kind.__name__, name) not in NO_SECRETS}


def test_lg07_no_value_of_ours_prints_a_secret() -> None:
    every = list(kinds())
    assert len(every) > 80
    printed = {kind.__qualname__: names for kind in every if (names := secrets_in(kind))}
    assert printed == {}


def test_lg07_what_flows_hand_about_prints_no_secret_of_a_log_in(tmp_path: Path) -> None:
    holder = hold_everything(tmp_path)
    outcome = holder.site.run(login.with_password, identifier=ADA, password=PASSWORD)
    token = holder.secrets["reset_password"]
    proof = MailedProof(token=token, code=holder.secrets["code of reset_password"])
    models = holder.site.accounts.models
    rows = [holder.site.rows(each) for each in (models.user, models.session, models.token)]
    held = [holder.here, outcome, proof, holder.asked, holder.site.mails, holder.site.accounts]
    printed = repr([*held, *rows])
    # They name a row and a page's button; neither opens anything.
    open_nothing = {"id of a record", "handle of a device"}
    leaked = {
        kind
        for kind, secret in holder.secrets.items()
        if secret in printed and kind not in open_nothing
    }
    assert leaked == set()
    assert ADA in printed
