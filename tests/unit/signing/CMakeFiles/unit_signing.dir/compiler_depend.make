# Empty compiler generated dependencies file for unit_signing.
# This may be replaced when dependencies are built.
