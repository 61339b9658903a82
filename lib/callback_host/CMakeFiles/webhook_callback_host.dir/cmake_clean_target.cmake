file(REMOVE_RECURSE
  "libwebhook_callback_host.a"
)
