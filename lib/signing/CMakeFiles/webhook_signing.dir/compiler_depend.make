# Empty compiler generated dependencies file for webhook_signing.
# This may be replaced when dependencies are built.
