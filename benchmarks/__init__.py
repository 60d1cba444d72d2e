"""Side-by-side measurements, one command each. A regular package: opacus installs one of the same name."""
