/* Linked into ssh_late, an ssh_launch that is slow between its calls of libssh2: so what comes over the connection
 * comes in the middle of them, and is taken from the socket by the call that it is not for. */
#include <libssh2.h>
#include <unistd.h>

enum { LATE_US = 10000 };

ssize_t __real_libssh2_channel_read_ex(LIBSSH2_CHANNEL *channel, int stream, char *to, size_t size);
ssize_t __wrap_libssh2_channel_read_ex(LIBSSH2_CHANNEL *channel, int stream, char *to, size_t size);

ssize_t __wrap_libssh2_channel_read_ex(LIBSSH2_CHANNEL *channel, int stream, char *to, size_t size)
{
    if (stream != 0) usleep(LATE_US);
    return __real_libssh2_channel_read_ex(channel, stream, to, size);
}
