# Libraries that are loaded where something of theirs is first needed (combtest/library.h), instead of with the program: a
# process that is forked for each walk pays for each mapping that its parent has, and most processes need none of these.
#
# combtest_loads(NAME PACKAGE HEADERS FUNCTIONS) makes <loaded/NAME.h>, which includes the HEADERS, declares ct__NAME_load(),
# and has calls of the FUNCTIONS go to what that has found. What is loaded is the SONAME of the library NAME as the linker
# finds it; PACKAGE is what Debian has it in. A call of a function that is not in the list does not link.
function(combtest_loads name package headers functions)
    list(GET headers 0 header)
    find_library(COMBTEST_${name} ${name})
    find_path(COMBTEST_${name}_INCLUDE ${header})
    mark_as_advanced(COMBTEST_${name} COMBTEST_${name}_INCLUDE)
    if(NOT COMBTEST_${name} OR NOT COMBTEST_${name}_INCLUDE)
        message(FATAL_ERROR "lib${name} or its header ${header} was not found (Debian: ${package})")
    endif()
    execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${COMBTEST_${name}} OUTPUT_VARIABLE about COMMAND_ERROR_IS_FATAL ANY)
    if(NOT about MATCHES "SONAME +([^ \n]+)")
        message(FATAL_ERROR "${COMBTEST_${name}} is no shared library")
    endif()
    set(soname ${CMAKE_MATCH_1})
    set(COMBTEST_SONAME_${name} ${soname} PARENT_SCOPE)
    set(COMBTEST_LOADED ${COMBTEST_LOADED} ${name} PARENT_SCOPE)
    list(TRANSFORM headers REPLACE "(.+)" "#include <\\1>" OUTPUT_VARIABLE includes)
    list(TRANSFORM functions REPLACE "(.+)" "    __typeof__(\\1) *\\1$<SEMICOLON>" OUTPUT_VARIABLE fields)
    list(TRANSFORM functions REPLACE "(.+)" "#define \\1 ct__${name}.\\1" OUTPUT_VARIABLE defines)
    list(TRANSFORM functions REPLACE "(.+)" "    \"\\1\"," OUTPUT_VARIABLE names)
    foreach(lines includes fields defines names)
        list(JOIN ${lines} "\n" ${lines})
        string(REPLACE "$<SEMICOLON>" ";" ${lines} "${${lines}}")
    endforeach()
    foreach(file ${name}.h ${name}.c)
        string(REGEX REPLACE ".*\\." "cmake/loaded." template ${file})
        configure_file(${template}.in ${PROJECT_BINARY_DIR}/loaded/loaded/${file} @ONLY)
    endforeach()
    target_sources(combtest_objects PRIVATE ${PROJECT_BINARY_DIR}/loaded/loaded/${name}.c)
    target_include_directories(combtest_objects PRIVATE ${COMBTEST_${name}_INCLUDE})
endfunction()

combtest_loads(inih libinih1 ini.h ini_parse_stream)

combtest_loads(sqlite3 libsqlite3-0 sqlite3.h
    "sqlite3_bind_int;sqlite3_bind_int64;sqlite3_bind_text64;sqlite3_close;sqlite3_column_bytes;sqlite3_column_int;\
sqlite3_column_int64;sqlite3_column_text;sqlite3_column_type;sqlite3_errmsg;sqlite3_exec;sqlite3_extended_errcode;\
sqlite3_finalize;sqlite3_open_v2;sqlite3_prepare_v3;sqlite3_reset;sqlite3_step;sqlite3_system_errno")

combtest_loads(picosat picosat picosat/picosat.h
    "picosat_add;picosat_assume;picosat_deref;picosat_failed_assumption;picosat_init;picosat_reset;picosat_sat")

combtest_loads(nng libnng1 "nng/nng.h;nng/supplemental/tls/tls.h"
    "nng_aio_alloc;nng_aio_count;nng_aio_free;nng_aio_get_output;nng_aio_result;nng_aio_set_iov;nng_aio_set_timeout;\
nng_aio_wait;nng_stream_close;nng_stream_dialer_alloc;nng_stream_dialer_dial;nng_stream_dialer_free;\
nng_stream_dialer_set_ptr;nng_stream_free;nng_stream_listener_accept;nng_stream_listener_alloc;\
nng_stream_listener_close;nng_stream_listener_free;nng_stream_listener_get_int;nng_stream_listener_listen;\
nng_stream_listener_set_ptr;nng_stream_recv;nng_stream_send;nng_strerror;nng_tls_config_alloc;\
nng_tls_config_auth_mode;nng_tls_config_ca_chain;nng_tls_config_free;nng_tls_config_own_cert")

# Its libmbedcrypto comes with it, and has the functions that are not for X.509.
combtest_loads(mbedx509 libmbedx509-1 "mbedtls/ecp.h;mbedtls/md.h;mbedtls/pk.h;mbedtls/x509_crt.h"
    "mbedtls_ecp_gen_key;mbedtls_md_hmac;mbedtls_md_info_from_type;mbedtls_mpi_fill_random;mbedtls_mpi_free;\
mbedtls_mpi_init;mbedtls_mpi_set_bit;mbedtls_pk_free;mbedtls_pk_info_from_type;mbedtls_pk_init;mbedtls_pk_setup;\
mbedtls_pk_write_key_pem;mbedtls_x509write_crt_free;mbedtls_x509write_crt_init;mbedtls_x509write_crt_pem;\
mbedtls_x509write_crt_set_basic_constraints;mbedtls_x509write_crt_set_issuer_key;\
mbedtls_x509write_crt_set_issuer_name;mbedtls_x509write_crt_set_md_alg;mbedtls_x509write_crt_set_serial;\
mbedtls_x509write_crt_set_subject_key;mbedtls_x509write_crt_set_subject_name;mbedtls_x509write_crt_set_validity;\
mbedtls_x509write_crt_set_version")

combtest_loads(ssh2 libssh2-1 libssh2.h
    "libssh2_agent_connect;libssh2_agent_disconnect;libssh2_agent_free;libssh2_agent_get_identity;libssh2_agent_init;\
libssh2_agent_list_identities;libssh2_agent_userauth;libssh2_channel_direct_tcpip_ex;libssh2_channel_eof;\
libssh2_channel_free;libssh2_channel_get_exit_status;libssh2_channel_open_ex;libssh2_channel_process_startup;\
libssh2_channel_read_ex;libssh2_channel_send_eof;libssh2_channel_wait_closed;libssh2_channel_write_ex;\
libssh2_hostkey_hash;libssh2_init;libssh2_keepalive_config;libssh2_keepalive_send;libssh2_knownhost_check;\
libssh2_knownhost_checkp;libssh2_knownhost_free;libssh2_knownhost_init;libssh2_knownhost_readline;\
libssh2_session_banner_get;libssh2_session_callback_set;libssh2_session_free;libssh2_session_handshake;\
libssh2_session_hostkey;libssh2_session_init_ex;libssh2_session_last_errno;libssh2_session_last_error;\
libssh2_session_method_pref;libssh2_session_set_blocking;libssh2_userauth_authenticated;\
libssh2_userauth_keyboard_interactive_ex;libssh2_userauth_list;libssh2_userauth_password_ex;\
libssh2_userauth_publickey_fromfile_ex")

# What a service on another host loads, which is to be there. What these need in their turn comes along.
set_property(SOURCE bootstrap/items.c bootstrap/deploy.c APPEND PROPERTY
    COMPILE_DEFINITIONS CT__SERVICE_LIBRARIES="${COMBTEST_SONAME_nng}:${COMBTEST_SONAME_mbedx509}")

# <loaded/all.c> loads them all.
set(includes "")
set(calls "")
foreach(name ${COMBTEST_LOADED})
    string(APPEND includes "#include <loaded/${name}.h>\n")
    string(APPEND calls "    (void)ct__${name}_load(NULL);\n")
endforeach()
configure_file(cmake/loaded_all.c.in ${PROJECT_BINARY_DIR}/loaded/loaded/all.c @ONLY)
target_sources(combtest_objects PRIVATE ${PROJECT_BINARY_DIR}/loaded/loaded/all.c)
