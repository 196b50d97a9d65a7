"""Fully connected networks, trained for all runs at once."""

from lrstudio.core.network.classifier import Split
from lrstudio.core.network.head import HEADS, Head
from lrstudio.core.network.initial import INITS, initial_weights
from lrstudio.core.network.layers import ACTIVATIONS, Network
from lrstudio.core.network.objective import NetworkObjective

__all__ = ["ACTIVATIONS", "HEADS", "INITS", "Head", "Network", "NetworkObjective", "Split", "initial_weights"]
