"""Moved: see `turnus.system.boot`."""

from turnus.system.boot import *  # noqa: F403
