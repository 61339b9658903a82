file(REMOVE_RECURSE
  "libwebhook_net.a"
)
