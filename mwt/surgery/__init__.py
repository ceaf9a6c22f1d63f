"""Both graph transforms: `to_modular` puts mask generators in, `extract` cuts modules out."""
