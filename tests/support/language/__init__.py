"""The languages of messages: the choice, the catalogues, and that no message is left out."""
