"""TensorBoard's event files (tfevents): simple values and tensors of one element, read without TensorFlow."""
