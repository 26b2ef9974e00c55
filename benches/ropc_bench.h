/* What the two halves of the driver of libropc share. */
#ifndef ROPC_BENCH_H
#define ROPC_BENCH_H

#include "bench.h"

#include <ropc.h>

/* Ends the program when a call failed, which may have set `error` first. */
void ropc_bench_check(ropc_status status, ropc_error *const *error);
ropc_options *ropc_bench_options(const struct place *place);

#endif
