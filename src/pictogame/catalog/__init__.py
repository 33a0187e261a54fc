"""Templates and skins, as the runtime's build manifest declares them."""
