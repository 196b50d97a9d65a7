"""Fields for declared parameters, and the forms that are built of them."""
