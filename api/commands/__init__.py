"""What the commands of `footnote` do; `api.cli` only declares them, so that --help stays quick."""
