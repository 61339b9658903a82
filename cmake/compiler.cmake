# SPDX-License-Identifier: LGPL-3.0-or-later
# Language level, warnings and sanitizers, carried by one interface target that every target of ours links.
set(WEBHOOK_SANITIZE "" CACHE STRING "Sanitizers, comma separated: address,undefined or thread")
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

add_library(webhook_compiler INTERFACE)
target_compile_features(webhook_compiler INTERFACE cxx_std_20)
target_include_directories(webhook_compiler INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(webhook_compiler INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast -Woverloaded-virtual
  -Wimplicit-fallthrough -Wswitch-enum -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  target_compile_options(webhook_compiler INTERFACE -Wthread-safety)
endif()
if(WEBHOOK_SANITIZE)
  target_compile_options(webhook_compiler INTERFACE
    -fsanitize=${WEBHOOK_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(webhook_compiler INTERFACE -fsanitize=${WEBHOOK_SANITIZE})
endif()
