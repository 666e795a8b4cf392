/* The kernel's descriptions of its tracepoints. */
#ifndef TSDIG_TRACEFS_H
#define TSDIG_TRACEFS_H

#include <stdint.h>

/* A folder descriptor of tracefs, which is mounted nowhere for that; -1 with errno where it cannot be had. */
int tracefs_open(void);
/* Id of the tracepoint `group/name`, -1: there is none. */
int tracefs_id(int tracefs, const char *name);
/* Offset of a field in the tracepoint's record, -1: there is none. */
int tracefs_field(int tracefs, const char *name, const char *field);

#endif
