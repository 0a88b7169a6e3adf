"""Routes from a request to a file, and the stages that they are made of."""
