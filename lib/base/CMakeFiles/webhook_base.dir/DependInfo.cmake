
# Consider dependencies only in project.
set(CMAKE_DEPENDS_IN_PROJECT_ONLY OFF)

# The set of languages for which implicit dependencies are needed:
set(CMAKE_DEPENDS_LANGUAGES
  )

# The set of dependency files which are needed:
set(CMAKE_DEPENDS_DEPENDENCY_FILES
  "/tmp/cb/lib/base/assert.cc" "lib/base/CMakeFiles/webhook_base.dir/assert.cc.o" "gcc" "lib/base/CMakeFiles/webhook_base.dir/assert.cc.o.d"
  "/tmp/cb/lib/base/base64.cc" "lib/base/CMakeFiles/webhook_base.dir/base64.cc.o" "gcc" "lib/base/CMakeFiles/webhook_base.dir/base64.cc.o.d"
  "/tmp/cb/lib/base/clock.cc" "lib/base/CMakeFiles/webhook_base.dir/clock.cc.o" "gcc" "lib/base/CMakeFiles/webhook_base.dir/clock.cc.o.d"
  "/tmp/cb/lib/base/random.cc" "lib/base/CMakeFiles/webhook_base.dir/random.cc.o" "gcc" "lib/base/CMakeFiles/webhook_base.dir/random.cc.o.d"
  "/tmp/cb/lib/base/suggestion.cc" "lib/base/CMakeFiles/webhook_base.dir/suggestion.cc.o" "gcc" "lib/base/CMakeFiles/webhook_base.dir/suggestion.cc.o.d"
  "/tmp/cb/lib/base/text.cc" "lib/base/CMakeFiles/webhook_base.dir/text.cc.o" "gcc" "lib/base/CMakeFiles/webhook_base.dir/text.cc.o.d"
  "/tmp/cb/lib/base/uuid.cc" "lib/base/CMakeFiles/webhook_base.dir/uuid.cc.o" "gcc" "lib/base/CMakeFiles/webhook_base.dir/uuid.cc.o.d"
  )

# Targets to which this target links.
set(CMAKE_TARGET_LINKED_INFO_FILES
  )

# Fortran module output directory.
set(CMAKE_Fortran_TARGET_MODULE_DIR "")
