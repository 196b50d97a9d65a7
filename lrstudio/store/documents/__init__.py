"""Documents that people open with other programs: charts, reports, worksheets, moving pictures."""
