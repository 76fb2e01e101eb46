"""Gives every room of the suite the services, and the rule for a missing one."""

from __future__ import annotations

from tests.services.fixtures import browser as browser
from tests.services.fixtures import context as context
from tests.services.fixtures import new_context as new_context
from tests.services.fixtures import new_profile as new_profile
from tests.services.fixtures import node as node
from tests.services.fixtures import page as page
from tests.services.fixtures import page_errors as page_errors
from tests.services.fixtures import playwright as playwright
from tests.services.fixtures import postgres_server as postgres_server
from tests.services.fixtures import postgres_url as postgres_url
from tests.services.fixtures import redis_server as redis_server
from tests.services.fixtures import redis_url as redis_url
from tests.services.fixtures import serve as serve
from tests.services.measuring import pytest_runtest_protocol as pytest_runtest_protocol
from tests.services.open_engines import no_open_engines as no_open_engines
from tests.services.plugin import pytest_collection_finish as pytest_collection_finish
from tests.services.plugin import pytest_collection_modifyitems as pytest_collection_modifyitems
from tests.services.plugin import pytest_runtest_setup as pytest_runtest_setup
from tests.services.plugin import pytest_runtest_teardown as pytest_runtest_teardown
from tests.services.plugin import pytest_sessionfinish as pytest_sessionfinish
from tests.services.plugin import pytest_terminal_summary as pytest_terminal_summary
