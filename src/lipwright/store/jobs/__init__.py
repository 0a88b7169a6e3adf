"""Jobs: how they are made, what workers do to them, and what people ask of them.

All functions act on a connection that the caller opened, so that a change, its event and what the caller enqueues
happen together. What changes a job locks its row first.
"""
