#include <combtest/core.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

uint64_t ct__resident_bytes(pid_t process)
{
    char path[64], text[128], *end;
    (void)snprintf(path, sizeof path, "/proc/%ld/statm", (long)process);
    FILE *file = fopen(path, "re");
    if (file == NULL) return 0;
    bool got = fgets(text, sizeof text, file) != NULL;
    (void)fclose(file);
    if (!got) return 0;
    (void)strtoull(text, &end, 10); /* its size; what is resident comes next */
    return strtoull(end, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
}
