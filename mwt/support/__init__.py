"""What every room needs and none is about: errors, checks, files, progress, time."""
