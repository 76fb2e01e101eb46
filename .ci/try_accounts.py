"""Tries the wheel with its extra as a stranger would: three lines, and a page to log in."""

import re
from importlib import resources

from flask import Flask

import flask_porter
from flask_porter import Porter

CARRIED = """
    authenticators/data/NOTICES.txt
    authenticators/data/common_passwords.txt.gz
    models/migrations/env.py
    models/migrations/versions
    web/static/porter/porter.css
    web/static/porter/porter.js
    web/templates/porter/base.html
    web/templates/porter/mail/verify_email.html
    web/templates/porter/mail/verify_email.txt
    web/translations
""".split()


def check(holds: bool, what: str) -> None:
    """Stop with `what` unless it holds; `assert` would vanish under -O."""
    if not holds:
        raise SystemExit(f"The wheel is wrong: {what}")


package = resources.files(flask_porter)
check("site-packages" in str(package), f"imported from {package}")
for name in CARRIED:
    there = package.joinpath(name)
    check(there.is_file() or (there.is_dir() and any(there.iterdir())), f"lacks {name}")
check(any(package.joinpath("web/translations").rglob("*.mo")), "has no compiled catalogue")

app = Flask(__name__)
app.debug = True
Porter(app)

client = app.test_client()
answer = client.get("/account/login", base_url="http://localhost:5000")
check(answer.status_code == 200, f"the log-in page answers {answer.status}")
check("<form" in answer.text, "the log-in page has no form")
assets = re.findall(r'(?:href|src)="(/[^"]+\.(?:css|js)[^"]*)"', answer.text)
check(len(assets) >= 2, f"the log-in page names only {assets}")
for asset in assets:
    found = client.get(asset, base_url="http://localhost:5000", buffered=True)
    check(found.status_code == 200, f"{asset} answers {found.status}")
print(f"flask-porter {flask_porter.__version__} logs people in from its wheel")
