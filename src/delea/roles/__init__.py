"""What each person does: one file each, ignorant of each other."""
