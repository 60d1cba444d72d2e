"""Thin views: parse, authorise, call a service, render."""
