# Empty dependencies file for webhook_base.
# This may be replaced when dependencies are built.
