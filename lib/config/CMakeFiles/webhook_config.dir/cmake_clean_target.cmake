file(REMOVE_RECURSE
  "libwebhook_config.a"
)
