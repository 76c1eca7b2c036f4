"""The site's reference, written by what it is about: the schema, the rules, the commands' help."""
