#include "supervisor/outer.h"

int main(int argument_count, char **arguments)
{
    return lw_outer_main(argument_count, arguments);
}
