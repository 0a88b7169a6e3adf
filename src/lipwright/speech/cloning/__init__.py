"""Engines that copy a voice; `base` says what every one of them promises."""
