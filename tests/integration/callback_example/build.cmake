# SPDX-License-Identifier: LGPL-3.0-or-later
# Installs the SDK into a directory of its own and builds the example project against it, as a developer would:
#   cmake -D BUILD=… -D PROJECT=… -D OUTPUT=… -D COMPILER=… -D FLAGS=… -P build.cmake
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE text ERROR_VARIABLE text)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${text}")
  endif()
endfunction()

file(REMOVE_RECURSE ${OUTPUT})
run(${CMAKE_COMMAND} --install ${BUILD} --component sdk --prefix ${OUTPUT}/sdk)
run(${CMAKE_COMMAND} -S ${PROJECT} -B ${OUTPUT}/build -G Ninja -DCMAKE_PREFIX_PATH=${OUTPUT}/sdk
    -DCMAKE_CXX_COMPILER=${COMPILER} "-DCMAKE_CXX_FLAGS=${FLAGS} -Wall -Wextra -Werror" -DCMAKE_BUILD_TYPE=Release)
run(${CMAKE_COMMAND} --build ${OUTPUT}/build)
