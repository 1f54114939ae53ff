# Each bench/bench_NAME.c is one program. They are linked with the static library, as a suite that is after speed would be.
file(GLOB benches CONFIGURE_DEPENDS bench/bench_*.c)
foreach(source ${benches})
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} ${source})
    combtest_flags(${name})
    target_link_libraries(${name} PRIVATE combtest::static)
endforeach()
