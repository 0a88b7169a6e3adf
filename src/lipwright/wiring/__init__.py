"""The one place where objects are built and joined. Engines are named by strings, so that naming them imports none."""
