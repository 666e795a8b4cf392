/*
 * What WebAssembly exports of the scan. All memory is handed in (src/event/scan_memory.ts); of its own the
 * module has a stack and a few variables, below MODULE_BYTES.
 */
#include "scan.h"

static struct scan_tables tables;
static struct scan_space space;
static struct scan_found found;

/*
 * Where its tables are; see struct scan_tables and struct scan_space.
 * @param mask one less than the number of places.
 */
TSDIG_EXPORT void set_tables(const uint8_t *wanted, const uint8_t *classes, const uint8_t *paths,
                             const uint8_t *addresses, const uint8_t *fd_params, struct thread_place *places,
                             uint32_t mask, uint32_t *enters, struct closing *closings) {
    tables.wanted = wanted;
    tables.classes = classes;
    tables.paths = paths;
    tables.addresses = addresses;
    tables.fd_params = fd_params;
    space.places = places;
    space.place_mask = mask;
    space.enters = enters;
    space.closings = closings;
}

TSDIG_EXPORT void set_texts(const uint8_t *texts, uint32_t count, const uint8_t *searched) {
    tables.texts = texts;
    tables.text_count = count;
    tables.searched = searched;
}

/* See scan_events. Gives where the struct scan_found is. */
TSDIG_EXPORT const struct scan_found *scan(const uint8_t *bytes, uint32_t from, uint32_t limit, int32_t moved,
                                           int effects, int watching, int32_t *offsets, int32_t *ordinals,
                                           int32_t *marks, int32_t *fds) {
    const struct scan_lists lists = {offsets, ordinals, marks, fds};
    scan_events(&tables, &space, &lists, bytes, from, limit, moved, effects, watching, &found);
    return &found;
}
