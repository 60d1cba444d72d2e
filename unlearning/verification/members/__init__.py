"""Membership: can it still be told from the model that a row was in its training?"""
