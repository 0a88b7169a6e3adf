"""The lip-sync capability: what every engine that re-animates a face in a video can be asked."""
