"""Engines that recognise speech; `base` says what every one of them promises."""
