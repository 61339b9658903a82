# SPDX-License-Identifier: LGPL-3.0-or-later
# Third-party packages. Every one is an imported target webhook_dep::NAME; what is missing is said by its Debian name.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)

function(webhook_missing what debian_package)
  message(FATAL_ERROR "${what} is missing. Install it: apt-get install ${debian_package} "
                      "(or run scripts/install_packages.sh build)")
endfunction()

# Compiles with the package's own pkg-config flags: cpp-httplib's class layouts depend on its feature macros.
function(webhook_pkg_config name module debian_package)
  pkg_check_modules(DEP_${name} QUIET IMPORTED_TARGET ${module})
  if(NOT DEP_${name}_FOUND)
    webhook_missing(${module} ${debian_package})
  endif()
  add_library(webhook_dep_${name} INTERFACE)
  target_link_libraries(webhook_dep_${name} INTERFACE PkgConfig::DEP_${name})
  add_library(webhook_dep::${name} ALIAS webhook_dep_${name})
endfunction()

function(webhook_package name package target debian_package)
  find_package(${package} QUIET)
  if(NOT TARGET ${target})
    webhook_missing(${package} ${debian_package})
  endif()
  add_library(webhook_dep_${name} INTERFACE)
  target_link_libraries(webhook_dep_${name} INTERFACE ${target})
  add_library(webhook_dep::${name} ALIAS webhook_dep_${name})
endfunction()

webhook_pkg_config(httplib cpp-httplib libcpp-httplib-dev)
webhook_pkg_config(openssl openssl libssl-dev)
webhook_pkg_config(prometheus prometheus-cpp-core prometheus-cpp-dev)  # the text format; no server of its own
webhook_pkg_config(re2 re2 libre2-dev)
webhook_pkg_config(sqlite sqlite3 libsqlite3-dev)
webhook_pkg_config(tomlplusplus tomlplusplus libtomlplusplus-dev)
webhook_package(json nlohmann_json nlohmann_json::nlohmann_json nlohmann-json3-dev)
webhook_package(fmt fmt fmt::fmt libfmt-dev)
webhook_package(sqlitecpp SQLiteCpp SQLiteCpp libsqlitecpp-dev)
webhook_package(spdlog spdlog spdlog::spdlog libspdlog-dev)
webhook_package(cli11 CLI11 CLI11::CLI11 libcli11-dev)
webhook_package(pugixml pugixml pugixml::pugixml libpugixml-dev)
webhook_package(doctest doctest doctest::doctest doctest-dev)
webhook_package(valijson valijson valijson libvalijson-dev)  # tests only
