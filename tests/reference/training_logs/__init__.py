"""Labelled training logs for the diagnosis: made with PyTorch and Keras, labelled by what else was trained."""
