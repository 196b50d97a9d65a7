"""The guide, and what the help tells of each entry, plot and tool."""
