
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/lib/signing/ed25519.cc" "lib/signing/CMakeFiles/webhook_signing.dir/ed25519.cc.o" "gcc" "lib/signing/CMakeFiles/webhook_signing.dir/ed25519.cc.o.d"
  "/tmp/cb/lib/signing/hash.cc" "lib/signing/CMakeFiles/webhook_signing.dir/hash.cc.o" "gcc" "lib/signing/CMakeFiles/webhook_signing.dir/hash.cc.o.d"
  "/tmp/cb/lib/signing/hmac.cc" "lib/signing/CMakeFiles/webhook_signing.dir/hmac.cc.o" "gcc" "lib/signing/CMakeFiles/webhook_signing.dir/hmac.cc.o.d"
  "/tmp/cb/lib/signing/identity.cc" "lib/signing/CMakeFiles/webhook_signing.dir/identity.cc.o" "gcc" "lib/signing/CMakeFiles/webhook_signing.dir/identity.cc.o.d"
  "/tmp/cb/lib/signing/standard_webhooks.cc" "lib/signing/CMakeFiles/webhook_signing.dir/standard_webhooks.cc.o" "gcc" "lib/signing/CMakeFiles/webhook_signing.dir/standard_webhooks.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/cb/lib/base/CMakeFiles/webhook_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
