/* Linked into ssh_late, an ssh_launch that is slow between its calls of libssh2: so what comes over the connection
 * comes in the middle of them, and is taken from the socket by the call that it is not for. */
#include <loaded/ssh2.h>
#include <stdlib.h>
#include <unistd.h>

enum { LATE_US = 10000 };

/* libssh2_channel_read_ex is the name of where the one that was found is kept. */
static ssize_t (*found)(LIBSSH2_CHANNEL *channel, int stream, char *to, size_t size);

static ssize_t read_late(LIBSSH2_CHANNEL *channel, int stream, char *to, size_t size)
{
    if (stream != 0) usleep(LATE_US);
    return found(channel, stream, to, size);
}

__attribute__((constructor)) static void be_late(void)
{
    if (ct__ssh2_load(NULL) != CT_OK) abort();
    found = libssh2_channel_read_ex;
    libssh2_channel_read_ex = read_late;
}
