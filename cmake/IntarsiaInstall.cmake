# What `cmake --install` puts where: the program with its presets, and the network and the memory as libraries for other
# simulators (docs/library.md), which need no SystemC.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(INTARSIA_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/intarsia)

# intarsia_public_library(NAME TARGET): TARGET is what others link as intarsia::NAME, here and when installed.
function(intarsia_public_library name target)
  add_library(intarsia::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(${target} INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/include>)
endfunction()
intarsia_public_library(network intarsia_noc_standalone)
intarsia_public_library(memory intarsia_memory_standalone)

install(
  TARGETS intarsia_noc_standalone intarsia_noc_core intarsia_memory_standalone intarsia_memory_core intarsia_metrics
          intarsia_config
  EXPORT intarsia_targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${CMAKE_SOURCE_DIR}/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
install(EXPORT intarsia_targets FILE intarsia-targets.cmake NAMESPACE intarsia:: DESTINATION ${INTARSIA_PACKAGE_DIR}
        COMPONENT library)

configure_package_config_file(
  ${CMAKE_SOURCE_DIR}/cmake/intarsia-config.cmake.in ${CMAKE_BINARY_DIR}/intarsia-config.cmake
  INSTALL_DESTINATION ${INTARSIA_PACKAGE_DIR} PATH_VARS CMAKE_INSTALL_DATADIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/intarsia-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/intarsia-config.cmake ${CMAKE_BINARY_DIR}/intarsia-config-version.cmake
        DESTINATION ${INTARSIA_PACKAGE_DIR} COMPONENT library)

install(TARGETS intarsia RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(DIRECTORY ${CMAKE_SOURCE_DIR}/presets DESTINATION ${CMAKE_INSTALL_DATADIR}/intarsia COMPONENT program)
