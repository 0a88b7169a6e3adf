"""The command line: one file per command, and nothing heavy is imported before it is needed."""
