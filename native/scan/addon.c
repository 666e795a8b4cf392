/*
 * The reading thread (read_ahead.h) for JavaScript, by Node-API: loaded sooner than a library by FFI. See
 * src/capture/read_ahead.ts.
 */
#define NAPI_VERSION 8
#include <node_api.h>

#include <stdlib.h>

#include "read_ahead.h"

/* Words of the layout: places are bytes from the beginning of the memory. */
enum layout {
    PIECE,
    CARRY,
    EFFECTS,
    WATCHING,
    TEXT_COUNT,
    WANTED,
    CLASSES,
    PATHS,
    ADDRESSES,
    FD_PARAMS,
    TEXTS,
    SEARCHED,
    SLOTS, /* from here on SLOT_WORDS for each: bytes, offsets, ordinals, marks, fds */
    SLOT_WORDS = 5,
};

/* Numbers of a piece. */
enum piece { SLOT, FROM, SAYS_EFFECTS, POSITION, END, STOP, COUNT, LISTED, THREAD_COUNT, MET, PIECE_NUMBERS };

struct handle {
    struct read_ahead *reading; /* NULL: stopped */
    napi_ref memory;            /* which has to stay as long as that is written to */
};

static void stop_handle(napi_env env, struct handle *handle) {
    if (!handle->reading)
        return;
    read_ahead_stop(handle->reading);
    handle->reading = NULL;
    napi_delete_reference(env, handle->memory);
}

static void finalize(napi_env env, void *data, void *hint) {
    (void)hint;
    stop_handle(env, data);
    free(data);
}

static napi_value throw_error(napi_env env, const char *text) {
    napi_throw_error(env, NULL, text);
    return NULL;
}

/* Fills `options` from a layout; 0 where that is not one for a memory of `size` bytes. */
static int read_layout(const uint32_t *words, size_t count, uint8_t *memory, size_t size,
                       struct piece_slot *slots, struct read_ahead_options *options) {
    const uint32_t slot_count = (uint32_t)(count - SLOTS) / SLOT_WORDS;
    const uint64_t room = (uint64_t)words[PIECE] + words[CARRY];
    const uint64_t list = 4 * (room / LEAST_EVENT + 1);
    if (words[TEXT_COUNT] > MOST_TEXTS)
        return 0;
    for (size_t i = WANTED; i < SLOTS; i++)
        if (words[i] >= size)
            return 0;
    for (uint32_t i = 0; i < slot_count; i++) {
        const uint32_t *slot = words + SLOTS + i * SLOT_WORDS;
        if (slot[0] + room + SLACK > size)
            return 0;
        int32_t *lists[SLOT_WORDS];
        for (int k = 1; k < SLOT_WORDS; k++) {
            if (slot[k] % 4 != 0 || slot[k] + list > size)
                return 0;
            lists[k] = (int32_t *)(void *)(memory + slot[k]);
        }
        slots[i] = (struct piece_slot){memory + slot[0], {lists[1], lists[2], lists[3], lists[4]}};
    }
    options->piece = words[PIECE];
    options->carry = words[CARRY];
    options->effects = words[EFFECTS] != 0;
    options->watching = words[WATCHING] != 0;
    options->tables =
        (struct scan_tables){memory + words[WANTED],    memory + words[CLASSES],   memory + words[PATHS],
                             memory + words[ADDRESSES], memory + words[FD_PARAMS], memory + words[TEXTS],
                             memory + words[SEARCHED],  words[TEXT_COUNT]};
    options->slots = slots;
    options->slot_count = slot_count;
    return 1;
}

/* start(fd, position, memory: ArrayBuffer, layout: Uint32Array): a handle; undefined where there is none. */
static napi_value start(napi_env env, napi_callback_info info) {
    size_t argc = 4, size, count;
    napi_value argv[4], made;
    struct read_ahead_options options = {0};
    struct piece_slot slots[16];
    void *memory, *words;
    double position;
    napi_typedarray_type type;
    if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok || argc < 4 ||
        napi_get_value_int32(env, argv[0], &options.fd) != napi_ok ||
        napi_get_value_double(env, argv[1], &position) != napi_ok ||
        napi_get_arraybuffer_info(env, argv[2], &memory, &size) != napi_ok ||
        napi_get_typedarray_info(env, argv[3], &type, &count, &words, NULL, NULL) != napi_ok ||
        type != napi_uint32_array || count < SLOTS + 2 * SLOT_WORDS || count > SLOTS + 16 * SLOT_WORDS)
        return throw_error(env, "start(fd, position, memory, layout)");
    options.position = (uint64_t)position;
    if (!read_layout(words, count, memory, size, slots, &options))
        return throw_error(env, "wrong layout");
    struct handle *handle = calloc(1, sizeof *handle);
    if (!handle)
        return NULL;
    handle->reading = read_ahead_start(&options);
    if (!handle->reading) {
        free(handle);
        return NULL;
    }
    if (napi_create_reference(env, argv[2], 1, &handle->memory) != napi_ok) {
        read_ahead_stop(handle->reading);
        free(handle);
        return NULL;
    }
    if (napi_create_external(env, handle, finalize, NULL, &made) == napi_ok)
        return made;
    finalize(env, handle, NULL);
    return NULL;
}

/* The handle that is the first of `argc` arguments, NULL where that has been stopped. */
static struct handle *handle_of(napi_env env, napi_callback_info info, size_t argc, napi_value *argv) {
    void *data;
    if (napi_get_cb_info(env, info, &argc, argv, NULL, NULL) != napi_ok ||
        napi_get_value_external(env, argv[0], &data) != napi_ok) {
        throw_error(env, "no handle");
        return NULL;
    }
    struct handle *handle = data;
    return handle->reading ? handle : NULL;
}

/* next(handle, numbers: Float64Array): whether there is another piece. */
static napi_value next(napi_env env, napi_callback_info info) {
    napi_value argv[2], answer;
    struct handle *handle = handle_of(env, info, 2, argv);
    struct piece_found piece;
    napi_typedarray_type type;
    size_t count;
    void *data;
    if (!handle)
        return NULL;
    if (napi_get_typedarray_info(env, argv[1], &type, &count, &data, NULL, NULL) != napi_ok ||
        type != napi_float64_array || count < PIECE_NUMBERS)
        return throw_error(env, "next(handle, numbers)");
    const int there = read_ahead_next(handle->reading, &piece);
    if (there) {
        double *numbers = data;
        numbers[SLOT] = piece.slot;
        numbers[FROM] = piece.from;
        numbers[SAYS_EFFECTS] = piece.effects;
        numbers[POSITION] = (double)piece.position;
        numbers[END] = piece.scan.end;
        numbers[STOP] = piece.scan.stop;
        numbers[COUNT] = piece.scan.count;
        numbers[LISTED] = piece.scan.listed;
        numbers[THREAD_COUNT] = piece.scan.threads;
        numbers[MET] = piece.scan.met;
    }
    return napi_get_boolean(env, there, &answer) == napi_ok ? answer : NULL;
}

/* effects(handle, says: boolean) */
static napi_value effects(napi_env env, napi_callback_info info) {
    napi_value argv[2];
    bool says;
    struct handle *handle = handle_of(env, info, 2, argv);
    if (handle && napi_get_value_bool(env, argv[1], &says) == napi_ok)
        read_ahead_effects(handle->reading, says);
    return NULL;
}

/* stop(handle): nothing is written into the memory any more. Safe to call twice. */
static napi_value stop(napi_env env, napi_callback_info info) {
    napi_value argv[1];
    struct handle *handle = handle_of(env, info, 1, argv);
    if (handle)
        stop_handle(env, handle);
    return NULL;
}

NAPI_MODULE_INIT() {
    const napi_property_descriptor functions[] = {
        {"start", NULL, start, NULL, NULL, NULL, napi_default, NULL},
        {"next", NULL, next, NULL, NULL, NULL, napi_default, NULL},
        {"effects", NULL, effects, NULL, NULL, NULL, napi_default, NULL},
        {"stop", NULL, stop, NULL, NULL, NULL, napi_default, NULL},
    };
    const size_t count = sizeof functions / sizeof *functions;
    return napi_define_properties(env, exports, count, functions) == napi_ok ? exports : NULL;
}
