# Install: headers, both libraries, the command, the CMake package, the pkg-config file, the manual.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/combtest)
set(public_headers combtest config error launcher main option plan replay run suite walk)
list(TRANSFORM public_headers REPLACE "(.+)" "combtest/\\1.h")

install(FILES ${public_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/combtest)
install(TARGETS combtest EXPORT combtest-shared)
install(TARGETS combtest_static EXPORT combtest-static)
install(EXPORT combtest-shared NAMESPACE combtest:: DESTINATION ${package_dir})
install(EXPORT combtest-static NAMESPACE combtest:: DESTINATION ${package_dir})
install(TARGETS combtest_command)
install(PROGRAMS ${COMBTEST_GENERATE} DESTINATION ${CMAKE_INSTALL_BINDIR})

configure_package_config_file(cmake/combtest-config.cmake.in combtest-config.cmake INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(combtest-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/combtest-config.cmake ${PROJECT_BINARY_DIR}/combtest-config-version.cmake
    DESTINATION ${package_dir})

# The prefix is found from where the file lies, so that an installed tree can be moved.
file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/combtest.pc.in combtest.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/combtest.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(FILES docs/combtest.1 docs/combtest-generate.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
file(GLOB documents CONFIGURE_DEPENDS docs/*.md)
install(FILES ${documents} DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
install(FILES examples/hello/hello.c DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples/hello)
install(FILES README.md CHANGELOG.md LICENSE combtest.cfg.sample DESTINATION ${CMAKE_INSTALL_DOCDIR})
