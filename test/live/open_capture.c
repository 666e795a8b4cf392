/* Opens a capture of nothing much and says how it went: `ok` or the helper's error. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include "tsdig.h"

int main(int argc, char **argv) {
    void *lib = dlopen(argv[1], RTLD_NOW);
    if (!lib)
        return puts(dlerror()), 2;
    int (*open_capture)(const struct tsdig_options *, const char *, struct tsdig **, char *, uint32_t) =
        dlsym(lib, "tsdig_open");
    struct tsdig_options options = {.abi = TSDIG_ABI, .kernel_size = 1 << 20, .ring_size = 1 << 20, .tracepoints = 1};
    options.syscalls[0] = 3;
    struct tsdig *t;
    char error[512];
    if (open_capture(&options, argv[2], &t, error, sizeof(error)) != 0)
        return puts(error), 1;
    return puts("ok"), 0;
}
