"""Engines that take a voice out of its background; `base` says what every one of them promises."""
