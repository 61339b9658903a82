# SPDX-License-Identifier: LGPL-3.0-or-later
# webhook_library(NAME SOURCES ... LINK ...): one static library, one folder.
function(webhook_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  # Our warnings are not for those who use an installed library.
  target_link_libraries(${name} PUBLIC $<BUILD_INTERFACE:webhook_compiler> ${ARG_LINK})
endfunction()

# webhook_executable(NAME SOURCES ... LINK ...)
function(webhook_executable name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE webhook_compiler ${ARG_LINK})
endfunction()

# webhook_test(NAME SOURCES ... LINK ...): a doctest program, run by ctest under its name.
function(webhook_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES} ${CMAKE_SOURCE_DIR}/tests/doctest_main.cc)
  target_link_libraries(${name} PRIVATE webhook_compiler webhook_dep::doctest ${ARG_LINK})
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()
