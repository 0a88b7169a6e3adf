"""Enhancement: what makes a drawn mouth as crisp as the picture about it."""
