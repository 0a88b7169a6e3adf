"""Engines that translate; `base` says what every one of them promises."""
