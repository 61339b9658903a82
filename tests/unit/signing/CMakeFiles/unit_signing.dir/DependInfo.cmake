
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/tests/doctest_main.cc" "tests/unit/signing/CMakeFiles/unit_signing.dir/__/__/doctest_main.cc.o" "gcc" "tests/unit/signing/CMakeFiles/unit_signing.dir/__/__/doctest_main.cc.o.d"
  "/tmp/cb/tests/unit/signing/hash_test.cc" "tests/unit/signing/CMakeFiles/unit_signing.dir/hash_test.cc.o" "gcc" "tests/unit/signing/CMakeFiles/unit_signing.dir/hash_test.cc.o.d"
  "/tmp/cb/tests/unit/signing/hmac_test.cc" "tests/unit/signing/CMakeFiles/unit_signing.dir/hmac_test.cc.o" "gcc" "tests/unit/signing/CMakeFiles/unit_signing.dir/hmac_test.cc.o.d"
  "/tmp/cb/tests/unit/signing/identity_test.cc" "tests/unit/signing/CMakeFiles/unit_signing.dir/identity_test.cc.o" "gcc" "tests/unit/signing/CMakeFiles/unit_signing.dir/identity_test.cc.o.d"
  "/tmp/cb/tests/unit/signing/standard_webhooks_test.cc" "tests/unit/signing/CMakeFiles/unit_signing.dir/standard_webhooks_test.cc.o" "gcc" "tests/unit/signing/CMakeFiles/unit_signing.dir/standard_webhooks_test.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/cb/lib/signing/CMakeFiles/webhook_signing.dir/DependInfo.cmake"
  "/tmp/cb/lib/base/CMakeFiles/webhook_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
