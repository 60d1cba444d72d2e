"""Where in a model some rows lie: influence per weight, module and layer, and masks made of it."""
