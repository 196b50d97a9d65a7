"""What plots are painted with: items, axes, headers, dashes in pixels."""
