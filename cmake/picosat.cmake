# The target picosat::picosat, where the library is there: Debian has neither a CMake package nor a pkg-config file of it.
if(NOT TARGET picosat::picosat)
    find_library(PICOSAT_LIBRARY picosat)
    find_path(PICOSAT_INCLUDE_DIR picosat/picosat.h)
    mark_as_advanced(PICOSAT_LIBRARY PICOSAT_INCLUDE_DIR)
    if(PICOSAT_LIBRARY AND PICOSAT_INCLUDE_DIR)
        add_library(picosat::picosat UNKNOWN IMPORTED)
        set_target_properties(picosat::picosat PROPERTIES
            IMPORTED_LOCATION ${PICOSAT_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${PICOSAT_INCLUDE_DIR})
    endif()
endif()
