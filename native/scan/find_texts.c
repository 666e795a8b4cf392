/*
 * Whether one of a few byte strings occurs in an event: those without which a filter on names can let nothing
 * pass. Looks for the byte of each that is seldom met, sixteen places at a time.
 */
#include "scan.h"

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>
#elif defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Smallest frame and header of an event block: no text stands in them. */
#define HEADER 36
#define LANES 16

/* By lane: whether the byte is there. */
static inline uint32_t lanes_with(const uint8_t *at, uint8_t byte) {
#if defined(__wasm_simd128__)
    return wasm_i8x16_bitmask(wasm_i8x16_eq(wasm_v128_load(at), wasm_i8x16_splat((int8_t)byte)));
#elif defined(__SSE2__)
    __m128i there = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)at), _mm_set1_epi8((char)byte));
    return (uint32_t)_mm_movemask_epi8(there);
#else
    uint32_t lanes = 0;
    for (int i = 0; i < LANES; i++)
        lanes |= (uint32_t)(at[i] == byte) << i;
    return lanes;
#endif
}

static int occurs(const uint8_t *text, const uint8_t *from, const uint8_t *end) {
    const uint32_t length = load32(text);
    const uint32_t index = load32(text + TEXT_SELDOM);
    const uint8_t *bytes = text + TEXT_BYTES;
    if (end - from < (int64_t)length)
        return 0;
    /* Places of that byte, the last of them included. */
    const uint8_t *last = end - length + index;
    for (const uint8_t *at = from + index; at <= last; at += LANES)
        for (uint32_t lanes = lanes_with(at, bytes[index]); lanes != 0; lanes &= lanes - 1) {
            const uint8_t *place = at + __builtin_ctz(lanes);
            if (place > last)
                break;
            if (same_bytes(bytes, place - index, length))
                return 1;
        }
    return 0;
}

int finds_texts(const struct scan_tables *tables, const uint8_t *at, uint32_t type, const uint8_t *end) {
    if (type < KNOWN_TYPES && !tables->searched[type])
        return 0;
    for (uint32_t i = 0; i < tables->text_count; i++)
        if (occurs(tables->texts + i * TEXT_SIZE, at + HEADER, end))
            return 1;
    return 0;
}
