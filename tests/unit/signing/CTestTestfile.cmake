# CMake generated Testfile for 
# Source directory: /tmp/cb/tests/unit/signing
# Build directory: /tmp/cb/tests/unit/signing
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
add_test([=[unit_signing]=] "/tmp/cb/tests/unit/signing/unit_signing")
set_tests_properties([=[unit_signing]=] PROPERTIES  TIMEOUT "120" _BACKTRACE_TRIPLES "/tmp/cb/cmake/targets.cmake;24;add_test;/tmp/cb/tests/unit/signing/CMakeLists.txt;2;webhook_test;/tmp/cb/tests/unit/signing/CMakeLists.txt;0;")
