# combtest-generate: `combtest generate` as a command of its own, and in place of pict. With musl's compiler wrapper it is a
# small static program that starts many times as fast (cli/command/quick.c); without it, or instrumented, it is as any.
set(COMBTEST_GENERATE ${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/combtest-generate)
find_program(COMBTEST_MUSL_GCC musl-gcc)
mark_as_advanced(COMBTEST_MUSL_GCC)
if(COMBTEST_INSTRUMENTATION OR COMBTEST_FUZZ OR CMAKE_CROSSCOMPILING OR NOT COMBTEST_MUSL_GCC)
    add_executable(combtest_generate cli/command/generate.c)
    set_target_properties(combtest_generate PROPERTIES OUTPUT_NAME combtest-generate)
    combtest_flags(combtest_generate)
    target_link_libraries(combtest_generate PRIVATE combtest_static)
    return()
endif()

# The headers of libraries lie among those of the other C library.
set(quick ${PROJECT_BINARY_DIR}/quick)
foreach(header jansson.h jansson_config.h picosat/picosat.h)
    find_file(found ${header} HINTS ${JANSSON_INCLUDE_DIRS} NO_CACHE REQUIRED)
    configure_file(${found} ${quick}/include/${header} COPYONLY)
    unset(found)
endforeach()

file(GLOB sources CONFIGURE_DEPENDS generator/*.c cli/generate*.c)
list(FILTER sources EXCLUDE REGEX "/(suite_.*|pict_rows|generate_measure)\\.c$")
foreach(source combtest/error combtest/library combtest/nearest combtest/text cli/output cli/command/quick)
    list(APPEND sources ${PROJECT_SOURCE_DIR}/${source}.c)
endforeach()
list(APPEND sources ${PROJECT_BINARY_DIR}/loaded/loaded/picosat.c)
set(flags -std=c11 -D_GNU_SOURCE -O3 -g -flto ${COMBTEST_WARNINGS})
set(objects "")
foreach(source ${sources})
    file(RELATIVE_PATH object ${PROJECT_SOURCE_DIR} ${source})
    string(REPLACE / _ object ${object}.o)
    set(object ${quick}/${object})
    add_custom_command(OUTPUT ${object}
        COMMAND ${COMBTEST_MUSL_GCC} ${flags} -I${PROJECT_SOURCE_DIR} -I${PROJECT_BINARY_DIR}/loaded -I${quick}/include
            -MD -MF ${object}.d -c ${source} -o ${object}
        DEPENDS ${source} DEPFILE ${object}.d COMMENT "Compiling ${object}" VERBATIM)
    list(APPEND objects ${object})
endforeach()
add_custom_command(OUTPUT ${COMBTEST_GENERATE}
    COMMAND ${COMBTEST_MUSL_GCC} ${flags} -flto=auto -static ${objects} -o ${COMBTEST_GENERATE}
    DEPENDS ${objects} COMMENT "Linking ${COMBTEST_GENERATE}" VERBATIM)
add_custom_target(combtest_generate ALL DEPENDS ${COMBTEST_GENERATE})
