/* A program whose suite is missing. */
#include <combtest/combtest.h>

int main(int argc, char **argv)
{
    return ct_main(NULL, argc, argv);
}
