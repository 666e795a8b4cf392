#include <string.h>
#include "events.h"

#define EVENT_SWITCH 152
#define EVENT_DROP 148
#define EVENT_PROCEXIT 186
#define EVENT_SIGNALDELIVER 232

void event_header(uint8_t *to, uint64_t ts, uint64_t tid, uint32_t len, uint16_t type, uint32_t nparams) {
    memcpy(to, &ts, 8);
    memcpy(to + 8, &tid, 8);
    memcpy(to + 16, &len, 4);
    memcpy(to + 20, &type, 2);
    memcpy(to + 22, &nparams, 4);
}

uint32_t event_procexit(uint8_t *to, uint64_t ts, uint64_t tid, uint32_t wait_status, int64_t reaper) {
    static const uint16_t lens[5] = {8, 8, 1, 1, 8};
    int64_t code = wait_status, ret = code >> 8 & 0xff;
    uint8_t *at = to + EVENT_HEADER;
    memcpy(at, lens, sizeof(lens));
    at += sizeof(lens);
    memcpy(at, &code, 8);
    memcpy(at + 8, &ret, 8);
    at[16] = code & 0x7f;
    at[17] = (code & 0x80) != 0;
    memcpy(at + 18, &reaper, 8);
    event_header(to, ts, tid, EVENT_HEADER + 36, EVENT_PROCEXIT, 5);
    return EVENT_HEADER + 36;
}

uint32_t event_signal(uint8_t *to, uint64_t ts, uint64_t tid, uint64_t sender, uint8_t number) {
    static const uint16_t lens[3] = {8, 8, 1};
    uint8_t *at = to + EVENT_HEADER;
    memcpy(at, lens, sizeof(lens));
    memcpy(at + 6, &sender, 8);
    memcpy(at + 14, &tid, 8);
    at[22] = number;
    event_header(to, ts, tid, EVENT_HEADER + 23, EVENT_SIGNALDELIVER, 3);
    return EVENT_HEADER + 23;
}

uint32_t event_switch(uint8_t *to, uint64_t ts, uint64_t tid, uint64_t next) {
    static const uint16_t lens[6] = {8, 8, 8, 4, 4, 4};
    uint8_t *at = to + EVENT_HEADER;
    memcpy(at, lens, sizeof(lens));
    memset(at + 12, 0, 36);
    memcpy(at + 12, &next, 8);
    event_header(to, ts, tid, EVENT_HEADER + 48, EVENT_SWITCH, 6);
    return EVENT_HEADER + 48;
}

uint32_t event_drop(uint8_t *to, uint64_t ts, bool begins) {
    uint16_t len = 4;
    uint32_t ratio = 1;
    memcpy(to + EVENT_HEADER, &len, 2);
    memcpy(to + EVENT_HEADER + 2, &ratio, 4);
    event_header(to, ts, UINT64_MAX, EVENT_HEADER + 6, begins ? EVENT_DROP : EVENT_DROP + 1, 1);
    return EVENT_HEADER + 6;
}
