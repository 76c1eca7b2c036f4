"""What each room does, arranged like the package."""
