# combtest_flags(TARGET): the warnings and the instrumentation that all our own code is compiled with.
set(COMBTEST_WARNINGS -Wall -Wextra -Wconversion -Wshadow -Wvla)
if(COMBTEST_WERROR)
    list(APPEND COMBTEST_WARNINGS -Werror)
endif()

set(COMBTEST_INSTRUMENTATION "")
if(COMBTEST_SANITIZE)
    list(APPEND COMBTEST_INSTRUMENTATION
        -fsanitize=${COMBTEST_SANITIZE} -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
endif()
if(COMBTEST_COVERAGE)
    list(APPEND COMBTEST_INSTRUMENTATION --coverage -fprofile-update=atomic)
endif()
add_compile_options(${COMBTEST_INSTRUMENTATION})
add_link_options(${COMBTEST_INSTRUMENTATION})

function(combtest_flags target)
    target_compile_definitions(${target} PRIVATE _GNU_SOURCE)
    target_compile_options(${target} PRIVATE ${COMBTEST_WARNINGS})
endfunction()
