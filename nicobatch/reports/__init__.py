"""What people and programs get to read: findings, progress, plans and tables."""
