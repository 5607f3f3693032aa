"""What is told of a running process: log lines, traces, metrics. None of it holds content."""
