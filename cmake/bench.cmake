# Each bench/bench_NAME.c is one program. They are linked with the static library, as a suite that is after speed would be.
file(GLOB benches CONFIGURE_DEPENDS bench/bench_*.c)
foreach(source ${benches})
    get_filename_component(name ${source} NAME_WE)
    add_executable(${name} ${source})
    combtest_flags(${name})
    target_link_libraries(${name} PRIVATE combtest::static)
endforeach()
if(BUILD_TESTING)
    # It checks that each walk counts once, whoever dies: with as many services as a limit of 1,024 files has room for.
    add_test(NAME bench.simulated_long COMMAND bench_simulated --quick 600)
    set_tests_properties(bench.simulated_long PROPERTIES LABELS "bench;long" TIMEOUT 900)
endif()
