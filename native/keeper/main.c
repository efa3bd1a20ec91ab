#include "keeper/keeper.h"

int main(int count, char **arguments)
{
    return lw_keeper_main(count, arguments);
}
