/* What a capture's options mean to the eBPF programs. */
#ifndef TSDIG_CONFIG_H
#define TSDIG_CONFIG_H

#include "capture.h"

/* The constants that the programs are loaded with. */
void config_make(const struct tsdig *t, const struct tsdig_options *o, struct tsdig_config *config);

#endif
