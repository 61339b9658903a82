# SPDX-License-Identifier: LGPL-3.0-or-later
# The SDK: the pure libraries with their headers, usable without Odoo and without the worker.
#
#   cmake --install BUILD --component sdk --prefix PREFIX
#
# find_package(WebhookWorker) then offers WebhookWorker::callback, ::rules, ::model, ::signing, ::request and ::base,
# and the function webhook_callback_library (WebhookWorkerConfig.cmake.in).
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(sdk_libraries base model rules signing request callback)
set(sdk_headers ${CMAKE_INSTALL_INCLUDEDIR}/webhook_worker)
set(sdk_package ${CMAKE_INSTALL_LIBDIR}/cmake/WebhookWorker)
# What those link. Each is found again by the package.
set(sdk_dependencies webhook_dep_fmt webhook_dep_json webhook_dep_openssl webhook_dep_re2)

foreach(library ${sdk_libraries})
  # Shared objects with callbacks are made of them.
  set_target_properties(webhook_${library} PROPERTIES POSITION_INDEPENDENT_CODE ON EXPORT_NAME ${library})
  target_compile_features(webhook_${library} PUBLIC cxx_std_20)
  target_include_directories(webhook_${library} PUBLIC $<INSTALL_INTERFACE:${sdk_headers}>)
  list(APPEND sdk_targets webhook_${library})
endforeach()

install(TARGETS ${sdk_targets} ${sdk_dependencies} EXPORT WebhookWorkerTargets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT sdk)
install(EXPORT WebhookWorkerTargets NAMESPACE WebhookWorker:: DESTINATION ${sdk_package} COMPONENT sdk)

foreach(folder base model rules signing callback)
  install(DIRECTORY ${CMAKE_SOURCE_DIR}/lib/${folder}/ DESTINATION ${sdk_headers}/lib/${folder} COMPONENT sdk
          FILES_MATCHING PATTERN "*.h")
endforeach()
# Of lib/delivery what makes a request; the engine is the worker's own.
set(delivery ${CMAKE_SOURCE_DIR}/lib/delivery)
install(FILES ${delivery}/compiled_endpoint.h ${delivery}/redactor.h ${delivery}/request_builder.h
              ${delivery}/request_signature.h ${delivery}/shape.h ${delivery}/status_set.h
        DESTINATION ${sdk_headers}/lib/delivery COMPONENT sdk)
install(FILES ${delivery}/ports/http_transport.h ${delivery}/ports/secret_opener.h ${delivery}/ports/tls_identity.h
        DESTINATION ${sdk_headers}/lib/delivery/ports COMPONENT sdk)

configure_package_config_file(${CMAKE_SOURCE_DIR}/cmake/WebhookWorkerConfig.cmake.in
  ${CMAKE_BINARY_DIR}/WebhookWorkerConfig.cmake INSTALL_DESTINATION ${sdk_package})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/WebhookWorkerConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/WebhookWorkerConfig.cmake ${CMAKE_BINARY_DIR}/WebhookWorkerConfigVersion.cmake
        DESTINATION ${sdk_package} COMPONENT sdk)
