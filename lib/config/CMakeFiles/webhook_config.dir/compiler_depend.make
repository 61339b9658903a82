# Empty compiler generated dependencies file for webhook_config.
# This may be replaced when dependencies are built.
