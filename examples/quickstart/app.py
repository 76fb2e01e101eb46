"""People can register, log in, recover and leave: three lines, and one page of one's own."""

from __future__ import annotations

from flask import Flask, render_template
from flask_sqlalchemy import SQLAlchemy

from flask_porter import Porter, login_required

app = Flask(__name__)
app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite:///quickstart.sqlite3"

db = SQLAlchemy(app)
porter = Porter(app, db)


@app.get("/")
def home() -> str:
    return render_template("home.html")


@app.get("/members")
@login_required
def members() -> str:
    return render_template("members.html")
