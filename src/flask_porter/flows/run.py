"""One flow, one transaction: every surface calls a flow through here."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from ..errors import Refusal, SetUpError
from ..models.database import after_commit
from ..models.own_session import commit, own_session
from .inputs import Input
from .outcomes import Outcome
from .parsing import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy.orm import Session

    from .accounts import Accounts, Bound
    from .caller import Caller

FormT = TypeVar("FormT", bound=Input)
OutcomeT = TypeVar("OutcomeT", bound=Outcome)

#: Every flow by its name, as its module is loaded.
_FLOWS: Final[dict[str, Flow[Any, Any]]] = {}


@dataclass(frozen=True, slots=True)
class Flow(Generic[FormT, OutcomeT]):
    """One thing that people do: its name, its input model, and what it does."""

    name: str
    model: type[FormT]
    do: Callable[[Accounts, Caller, FormT], OutcomeT]

    def __call__(self, accounts: Accounts, caller: Caller, form: FormT) -> OutcomeT:
        """Do it within the transaction that another flow has open."""
        return self.do(accounts, caller, form)

    def model_in(self, accounts: Accounts) -> type[FormT]:
        """Return the input model in this app, which may have put its own in the place of ours.

        Raises:
            SetUpError: the app's model does not derive from ours.
        """
        return self.checked(accounts.inputs.get(self.name, self.model))

    def checked(self, model: Any) -> type[FormT]:
        """Return ``model``, which an app puts in the place of ours.

        Raises:
            SetUpError: it does not derive from ours.
        """
        if not isinstance(model, type) or not issubclass(model, self.model):
            name = getattr(model, "__name__", repr(model))
            raise SetUpError(
                f"The input model {name} for {self.name!r} must derive from"
                f" {self.model.__module__}.{self.model.__name__}."
            )
        return model

    def read(
        self, accounts: Accounts, given: Mapping[str, Any], *, strict: bool, extra: str = "forbid"
    ) -> FormT:
        """Return ``given`` as the input of this flow; see :func:`.parsing.parse`.

        Raises:
            InvalidInput: with the reasons of each field.
        """
        return parse(self.model_in(accounts), given, strict=strict, extra=extra)


def flow(
    name: str, model: type[FormT]
) -> Callable[[Callable[[Accounts, Caller, FormT], OutcomeT]], Flow[FormT, OutcomeT]]:
    """Make a function the flow ``name``, with ``model`` as its input."""

    def named(do: Callable[[Accounts, Caller, FormT], OutcomeT]) -> Flow[FormT, OutcomeT]:
        made = _FLOWS[name] = Flow(name, model, do)
        return made

    return named


def check_inputs(given: Mapping[str, Any]) -> None:
    """See that each input model of an app is for a flow that there is, and derives from ours.

    Raises:
        SetUpError: what to write instead.
    """
    for name, model in given.items():
        if name not in _FLOWS:
            [nearest] = get_close_matches(name, _FLOWS, n=1, cutoff=0)
            raise SetUpError(f"There is no flow {name!r} for inputs=. Do you mean {nearest!r}?")
        _FLOWS[name].checked(model)


def run(
    accounts: Accounts,
    caller: Caller,
    flow: Callable[[Accounts, Caller, FormT], OutcomeT],
    form: FormT,
    *,
    session: Session | None = None,
) -> OutcomeT:
    """Run ``flow`` and return its outcome.

    It works in a database session of its own, and never touches the app's. A refusal is an answer:
    it commits, so that the audit entry and the burnt token stay. Any other exception rolls back.

    Args:
        accounts: those of the app.
        caller: who asks.
        flow: what is asked for.
        form: its input, validated.
        session: join this one instead, and end nothing: whoever owns it commits.

    Raises:
        Refusal: the expected no of the flow.
        SetUpError: the app's own transaction keeps this one waiting.
    """
    if session is not None:
        joined = accounts.within(session)
        outcome = flow(joined, caller, form)
        after_commit(session, lambda: _tell(accounts, joined.kept))
        return outcome
    with own_session(accounts.database) as own:
        bound = accounts.within(own, is_own=True)
        try:
            outcome = flow(bound, caller, form)
        except Refusal:
            commit(own)
            _tell(accounts, bound.kept)
            raise
        commit(own)
    _tell(accounts, bound.kept)
    return outcome


def ask(accounts: Accounts, question: Callable[[Accounts], Any]) -> Any:
    """Ask ``question`` of what is kept, and return its answer; nothing is written."""
    with accounts.database.session() as own:
        return question(accounts.within(own))


def _tell(accounts: Accounts, kept: Bound) -> None:
    # The app is told last: one of its handlers may break, and ours must have been done by then.
    for step in kept.afterwards:
        step()
    for event in kept.events:
        accounts.publish(event)
