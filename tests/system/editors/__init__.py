"""Editors: what they tell and offer by the schema, asked of the server that most of them use."""
