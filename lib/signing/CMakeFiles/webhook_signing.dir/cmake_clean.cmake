file(REMOVE_RECURSE
  "CMakeFiles/webhook_signing.dir/ed25519.cc.o"
  "CMakeFiles/webhook_signing.dir/ed25519.cc.o.d"
  "CMakeFiles/webhook_signing.dir/hash.cc.o"
  "CMakeFiles/webhook_signing.dir/hash.cc.o.d"
  "CMakeFiles/webhook_signing.dir/hmac.cc.o"
  "CMakeFiles/webhook_signing.dir/hmac.cc.o.d"
  "CMakeFiles/webhook_signing.dir/identity.cc.o"
  "CMakeFiles/webhook_signing.dir/identity.cc.o.d"
  "CMakeFiles/webhook_signing.dir/standard_webhooks.cc.o"
  "CMakeFiles/webhook_signing.dir/standard_webhooks.cc.o.d"
  "libwebhook_signing.a"
  "libwebhook_signing.pdb"
)

# Per-language clean rules from dependency scanning.
foreach(lang CXX)
  include(CMakeFiles/webhook_signing.dir/cmake_clean_${lang}.cmake OPTIONAL)
endforeach()
