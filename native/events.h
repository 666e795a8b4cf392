/* Events made outside of the kernel that are not system calls. Each gives its bytes. */
#ifndef TSDIG_EVENTS_H
#define TSDIG_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes in front of the lengths of an event's parameters, and what stands there. */
#define EVENT_HEADER 26u
void event_header(uint8_t *to, uint64_t ts, uint64_t tid, uint32_t len, uint16_t type, uint32_t nparams);

uint32_t event_procexit(uint8_t *to, uint64_t ts, uint64_t tid, uint32_t wait_status, int64_t reaper);
uint32_t event_signal(uint8_t *to, uint64_t ts, uint64_t tid, uint64_t sender, uint8_t signal);
uint32_t event_switch(uint8_t *to, uint64_t ts, uint64_t tid, uint64_t next);
uint32_t event_drop(uint8_t *to, uint64_t ts, bool begins);

#endif
