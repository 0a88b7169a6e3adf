"""The report of a dub: a page for a person, and a document with the same numbers."""
