# SPDX-License-Identifier: LGPL-3.0-or-later
# cmake -D OUTPUT=<file.cc> -D FUNCTION=<its function> -D MIGRATIONS=<a.sql|b.sql> -P embed_migrations.cmake
# Writes the migrations as one C++ source, so that the binary needs no file at run time.
string(REPLACE "|" ";" paths "${MIGRATIONS}")
set(rows "")
set(expected 1)
foreach(path IN LISTS paths)
  get_filename_component(name "${path}" NAME)
  if(NOT name MATCHES "^([0-9][0-9][0-9][0-9])_[a-z0-9_]+\\.sql$")
    message(FATAL_ERROR "${path}: a migration is called NNNN_name.sql")
  endif()
  math(EXPR number "1${CMAKE_MATCH_1} - 10000")
  if(NOT number EQUAL expected)
    message(FATAL_ERROR "${path}: migrations are numbered without gaps; this should be number ${expected}")
  endif()
  file(READ "${path}" sql)
  string(APPEND rows "    {${number}, \"${name}\", R\"sql(${sql})sql\"},\n")
  math(EXPR expected "${expected} + 1")
endforeach()

file(WRITE "${OUTPUT}" "// Generated from the .sql files of schema by embed_migrations.cmake.
#include \"lib/journal/migrations.h\"

namespace webhook::journal {
namespace {
constexpr Migration kMigrations[] = {
${rows}};
}  // namespace

std::span<const Migration> ${FUNCTION}() { return kMigrations; }

}  // namespace webhook::journal
")
