"""One node of the rolling site as a process: LIBRARY PROTECTION, on the socket at descriptor FD."""

import sys

from werkzeug.serving import WSGIRequestHandler, make_server

from tests.parity.rolling_nodes import Site, node


class Quiet(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Print nothing: the test reads what it needs from the answers."""


def main(library: str, protection: str, descriptor: str) -> None:
    app = node(library, Site(protection))
    make_server(
        "127.0.0.1", 0, app, threaded=True, request_handler=Quiet, fd=int(descriptor)
    ).serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
