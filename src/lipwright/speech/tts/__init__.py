"""Engines that speak; `base` says what every one of them promises."""
