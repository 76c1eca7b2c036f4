"""The watched folder: what is dropped into it, once it is whole, is handed out to be published."""
