"""Handlers, by what customers ask for. Each module makes a new router: one belongs to one tree."""
