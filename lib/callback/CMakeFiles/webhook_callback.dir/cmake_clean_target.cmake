file(REMOVE_RECURSE
  "libwebhook_callback.a"
)
