"""Turnus: the back office of an energy supplier."""
