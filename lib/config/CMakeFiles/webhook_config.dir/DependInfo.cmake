
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/lib/config/apply.cc" "lib/config/CMakeFiles/webhook_config.dir/apply.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/apply.cc.o.d"
  "/tmp/cb/lib/config/config_error.cc" "lib/config/CMakeFiles/webhook_config.dir/config_error.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/config_error.cc.o.d"
  "/tmp/cb/lib/config/diagnosis.cc" "lib/config/CMakeFiles/webhook_config.dir/diagnosis.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/diagnosis.cc.o.d"
  "/tmp/cb/lib/config/environment_values.cc" "lib/config/CMakeFiles/webhook_config.dir/environment_values.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/environment_values.cc.o.d"
  "/tmp/cb/lib/config/file_reader.cc" "lib/config/CMakeFiles/webhook_config.dir/file_reader.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/file_reader.cc.o.d"
  "/tmp/cb/lib/config/file_values.cc" "lib/config/CMakeFiles/webhook_config.dir/file_values.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/file_values.cc.o.d"
  "/tmp/cb/lib/config/key_source.cc" "lib/config/CMakeFiles/webhook_config.dir/key_source.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/key_source.cc.o.d"
  "/tmp/cb/lib/config/keys.cc" "lib/config/CMakeFiles/webhook_config.dir/keys.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/keys.cc.o.d"
  "/tmp/cb/lib/config/load_config.cc" "lib/config/CMakeFiles/webhook_config.dir/load_config.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/load_config.cc.o.d"
  "/tmp/cb/lib/config/network.cc" "lib/config/CMakeFiles/webhook_config.dir/network.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/network.cc.o.d"
  "/tmp/cb/lib/config/origins.cc" "lib/config/CMakeFiles/webhook_config.dir/origins.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/origins.cc.o.d"
  "/tmp/cb/lib/config/parse_config.cc" "lib/config/CMakeFiles/webhook_config.dir/parse_config.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/parse_config.cc.o.d"
  "/tmp/cb/lib/config/reference.cc" "lib/config/CMakeFiles/webhook_config.dir/reference.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/reference.cc.o.d"
  "/tmp/cb/lib/config/relations.cc" "lib/config/CMakeFiles/webhook_config.dir/relations.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/relations.cc.o.d"
  "/tmp/cb/lib/config/text_checks.cc" "lib/config/CMakeFiles/webhook_config.dir/text_checks.cc.o" "gcc" "lib/config/CMakeFiles/webhook_config.dir/text_checks.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  "/tmp/cb/lib/base/CMakeFiles/webhook_base.dir/DependInfo.cmake"
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
