"""Events of jobs on their way to whoever wants to know: recorded with the change, delivered until they are taken."""
