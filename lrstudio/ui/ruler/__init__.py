"""The logarithmic ruler of rates with its zones."""
