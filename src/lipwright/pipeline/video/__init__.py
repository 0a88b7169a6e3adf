"""A video of scenes: a script, a face and some pictures become one film."""
