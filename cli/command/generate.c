/* The combtest-generate command where it is no quick.c: `combtest generate` under a name of its own. */
#include <cli/cli.h>

int main(int argc, char **argv)
{
    ct__cli_streams_keep();
    return ct__cli_generate(argc, argv);
}
