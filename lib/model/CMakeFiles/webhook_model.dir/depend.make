# Empty dependencies file for webhook_model.
# This may be replaced when dependencies are built.
