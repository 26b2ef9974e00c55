/* The list of what every host must be able to do. run.py runs it under what a
 * host may have around a process: another malloc(), no address randomization. */

#include "endtoend.h"

int main(void)
{
    end_to_end("endtoend");
    end_to_end("endtoend");
    return finish();
}
