"""How fast the shop is, measured on real parts beside the way it is usually done."""
