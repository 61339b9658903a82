
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/tests/doctest_main.cc" "tests/unit/config/CMakeFiles/unit_config.dir/__/__/doctest_main.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/__/__/doctest_main.cc.o.d"
  "/tmp/cb/tests/unit/config/config_input.cc" "tests/unit/config/CMakeFiles/unit_config.dir/config_input.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/config_input.cc.o.d"
  "/tmp/cb/tests/unit/config/diagnosis_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/diagnosis_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/diagnosis_test.cc.o.d"
  "/tmp/cb/tests/unit/config/environment_values_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/environment_values_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/environment_values_test.cc.o.d"
  "/tmp/cb/tests/unit/config/file_reader_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/file_reader_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/file_reader_test.cc.o.d"
  "/tmp/cb/tests/unit/config/key_source_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/key_source_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/key_source_test.cc.o.d"
  "/tmp/cb/tests/unit/config/keys_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/keys_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/keys_test.cc.o.d"
  "/tmp/cb/tests/unit/config/load_config_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/load_config_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/load_config_test.cc.o.d"
  "/tmp/cb/tests/unit/config/network_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/network_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/network_test.cc.o.d"
  "/tmp/cb/tests/unit/config/parse_config_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/parse_config_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/parse_config_test.cc.o.d"
  "/tmp/cb/tests/unit/config/reference_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/reference_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/reference_test.cc.o.d"
  "/tmp/cb/tests/unit/config/relations_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/relations_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/relations_test.cc.o.d"
  "/tmp/cb/tests/unit/config/text_checks_test.cc" "tests/unit/config/CMakeFiles/unit_config.dir/text_checks_test.cc.o" "gcc" "tests/unit/config/CMakeFiles/unit_config.dir/text_checks_test.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/cb/lib/config/CMakeFiles/webhook_config.dir/DependInfo.cmake"
  "/tmp/cb/lib/net/CMakeFiles/webhook_net.dir/DependInfo.cmake"
  "/tmp/cb/lib/base/CMakeFiles/webhook_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
