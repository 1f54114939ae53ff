/* ssh_mute HOW PORT-FILE: a server that is none. HOW: silent: takes connections and says nothing; endless: a banner
 * that never ends; lines: lines without end, none of them a version; late: a version, and nothing after it; garbage: a
 * version and random bytes. Its port is written into the file. Ends with its parent. */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int listen_somewhere(const char *port_file)
{
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 || listen(fd, 16) != 0) return -1;
    if (getsockname(fd, (struct sockaddr *)&address, &size) != 0) return -1;
    char unfinished[4096];
    snprintf(unfinished, sizeof(unfinished), "%s.new", port_file);
    FILE *file = fopen(unfinished, "w");
    if (!file) return -1;
    fprintf(file, "%d\n", ntohs(address.sin_port));
    if (fclose(file) != 0 || rename(unfinished, port_file) != 0) return -1;
    return fd;
}

static void say(int fd, const char *text)
{
    (void)send(fd, text, strlen(text), MSG_NOSIGNAL);
}

static void serve(int fd, const char *how)
{
    char block[4096];
    memset(block, strcmp(how, "endless") == 0 ? 'a' : '\n', sizeof(block));
    for (size_t i = 0; strcmp(how, "lines") == 0 && i + 8 < sizeof(block); i += 8) memcpy(block + i, "nothing", 7);
    if (strcmp(how, "late") == 0 || strcmp(how, "garbage") == 0) say(fd, "SSH-2.0-mute\r\n");
    for (size_t i = 0; strcmp(how, "garbage") == 0 && i < sizeof(block); i++) block[i] = (char)random();
    bool talks = strcmp(how, "silent") != 0 && strcmp(how, "late") != 0;
    while (talks && send(fd, block, sizeof(block), MSG_NOSIGNAL) > 0) continue;
    while (recv(fd, block, sizeof(block), 0) > 0) continue;
}

int main(int argc, char **argv)
{
    if (argc != 3) return 2;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGCHLD, SIG_IGN);
    int fd = listen_somewhere(argv[2]);
    while (fd >= 0) {
        int one = accept(fd, NULL, NULL);
        if (one < 0 && errno != EINTR) return 1;
        if (one < 0) continue;
        if (fork() == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            serve(one, argv[1]);
            _exit(0);
        }
        close(one);
    }
    perror("ssh_mute");
    return 1;
}
