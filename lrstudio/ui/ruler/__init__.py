"""The logarithmic ruler of learning rates with its zones."""
