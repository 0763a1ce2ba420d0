"""What a new sandbox holds, family by family."""
