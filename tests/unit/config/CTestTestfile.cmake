# CMake generated Testfile for 
# Source directory: /tmp/cb/tests/unit/config
# Build directory: /tmp/cb/tests/unit/config
# 
# This file includes the relevant testing commands required for 
# testing this directory and lists subdirectories to be tested as well.
add_test([=[unit_config]=] "/tmp/cb/tests/unit/config/unit_config")
set_tests_properties([=[unit_config]=] PROPERTIES  TIMEOUT "120" _BACKTRACE_TRIPLES "/tmp/cb/cmake/targets.cmake;24;add_test;/tmp/cb/tests/unit/config/CMakeLists.txt;2;webhook_test;/tmp/cb/tests/unit/config/CMakeLists.txt;0;")
