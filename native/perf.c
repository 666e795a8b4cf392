/* The engine for kernels without eBPF: the kernel's tracepoints through perf_event_open. */
#include <stdio.h>
#include "engine.h"

int tsdig_open_perf(const struct tsdig_options *options, struct tsdig_command *command, struct tsdig **out,
                    char *error, uint32_t error_size) {
    (void)options;
    (void)command;
    *out = NULL;
    snprintf(error, error_size, "perf_event_open is not supported yet");
    return -1;
}
