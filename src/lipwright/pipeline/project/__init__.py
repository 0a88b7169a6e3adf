"""The folder that a dub works in: files that a person reads, edits and keeps under version control."""
