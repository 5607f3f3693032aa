"""`python -m api.nightly_child PARENT ARGUMENTS...`: the command line, as the service starts a night."""

from __future__ import annotations

import sys

from api.cli.main import main
from api.wiring.nightly import give_way

if __name__ == "__main__":
    give_way(int(sys.argv[1]))
    sys.argv = ["footnote", *sys.argv[2:]]
    main()
