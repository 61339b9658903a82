# Empty compiler generated dependencies file for webhook_callback.
# This may be replaced when dependencies are built.
