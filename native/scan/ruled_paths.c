/*
 * Paths of which a filter lets no plain file pass: who opens such a file again need not be looked at.
 * WebAssembly only; see skip_listed.c.
 */
#include "scan.h"

/* One has so many places, which its bytes tell. */
#define WAYS 4

/* One that was seen lately. */
struct ruled_path {
    uint16_t length; /* 0: there is none */
    uint8_t bytes[RULED_PATH_SIZE - 2];
};

static struct ruled_path *paths;
static uint32_t replaced;
static uint32_t path_mask;
/* By type of exit event: index of the path; behind it stand the flags. */
static const uint8_t *path_params;

/* Where these are, the places one more than the mask. */
TSDIG_EXPORT void set_paths(const uint8_t *params, struct ruled_path *places, uint32_t mask) {
    path_params = params;
    paths = places;
    path_mask = mask;
}

/* The first of the places of a path. */
static struct ruled_path *places_of(const uint8_t *path, uint32_t length) {
    uint64_t hash = length;
    uint32_t i = 0;
    for (; i + 8 <= length; i += 8) {
        hash = (hash ^ load64(path + i)) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    for (; i < length; i++)
        hash = (hash ^ path[i]) * 0x9e3779b97f4a7c15u;
    return &paths[(hash >> 40) & path_mask & ~(uint32_t)(WAYS - 1)];
}

int is_ruled_path(const uint8_t *event) {
    const uint32_t n = path_params[load16(event + TYPE)];
    const uint32_t length = param_length(event, n);
    if (length == 0 || length > sizeof paths->bytes || param_length(event, n + 1) != 4)
        return 0;
    const uint8_t *path = param(event, n);
    /* Of creat the mode stands there, which has no such bit. */
    if ((load32(path + length) & PPM_O_DIRECTORY) != 0)
        return 0;
    const struct ruled_path *place = places_of(path, length);
    for (int i = 0; i < WAYS; i++)
        if (place[i].length == length && same_bytes(place[i].bytes, path, length))
            return 1;
    return 0;
}

void rule_path_of(const uint8_t *event) {
    const uint32_t n = path_params[load16(event + TYPE)];
    const uint32_t length = param_length(event, n);
    if (length == 0 || length > sizeof paths->bytes)
        return;
    const uint8_t *path = param(event, n);
    struct ruled_path *place = &places_of(path, length)[replaced++ % WAYS];
    place->length = (uint16_t)length;
    for (uint32_t i = 0; i < length; i++)
        place->bytes[i] = path[i];
}
