/*
 * Runs the walk over events on damaged copies of a capture's events, for the
 * sanitizers that it is compiled with to see every access: all memory has
 * exactly the size that is promised to the walk.
 *
 *   scan_harness CAPTURE TABLES SEEDS
 *
 * TABLES: wanted, classes, paths, addresses, fd_params, texts, searched, one
 * behind the other, and the number of texts in the last byte.
 *
 * Prints how many scans there were, how many events they listed, and which
 * Effects were said of these, as bits.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../native/scan/scan.h"

#define MOST 65536
#define FIRST_EVENT_KINDS 4

static uint64_t state;

static uint32_t next_random(void) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)(state >> 33);
}

static uint8_t *read_file(const char *path, size_t *size) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    perror(path);
    exit(2);
  }
  fseek(file, 0, SEEK_END);
  *size = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(*size);
  if (!bytes || fread(bytes, 1, *size, file) != *size)
    exit(2);
  fclose(file);
  return bytes;
}

/* A part of the tables in memory of its own. */
static uint8_t *part(const uint8_t **from, size_t size) {
  uint8_t *copy = malloc(size);
  if (!copy)
    exit(2);
  memcpy(copy, *from, size);
  *from += size;
  return copy;
}

static int is_event(const uint8_t *at) {
  static const uint32_t kinds[FIRST_EVENT_KINDS] = {0x216, 0x217, 0x221, 0x222};
  for (int i = 0; i < FIRST_EVENT_KINDS; i++)
    if (load32(at) == kinds[i])
      return 1;
  return 0;
}

/* Where block `n` begins, or the last whole one before it. */
static uint32_t block_at(const uint8_t *bytes, uint32_t size, uint32_t n) {
  uint32_t at = 0;
  for (; n > 0; n--) {
    const uint32_t total = load32(bytes + at + 4);
    if (total < LEAST_EVENT || at + total + LEAST_EVENT > size)
      break;
    at += total;
  }
  return at;
}

/* Changes a field of a block's header, or a length of its parameters. */
static void damage_block(uint8_t *block) {
  static const uint32_t fields[] = {4, 26, 30, 32, 36, 38, 40};
  const uint32_t field =
      fields[next_random() % (sizeof fields / sizeof *fields)];
  const int wide = field == 4 || field == 26 || field == 32;
  uint32_t value = next_random();
  switch (next_random() % 3) {
  case 0:
    value %= 64;
    break;
  case 1: /* A little more than it was. */
    value =
        (wide ? load32(block + field) : load16(block + field)) + 1 + value % 64;
  }
  memcpy(block + field, &value, wide ? 4 : 2);
}

/* Changes some bytes anywhere, and some blocks: mostly the last, whose end is
 * the end of all that may be read. */
static void damage(uint8_t *bytes, uint32_t size) {
  const uint32_t last = block_at(bytes, size, UINT32_MAX);
  const uint32_t some = block_at(bytes, size, next_random() % 200);
  if (next_random() % 2)
    for (uint32_t n = next_random() % 12; n > 0; n--)
      bytes[next_random() % size] = (uint8_t)next_random();
  if (next_random() % 4 == 0 && some + 44 <= size)
    damage_block(bytes + some);
  if (last + 44 <= size)
    damage_block(bytes + last);
}

/* Where the blocks begin behind which there are MOST bytes more. */
static size_t *borders_of(const uint8_t *capture, size_t size, size_t *count) {
  size_t *borders = malloc(size / LEAST_EVENT * sizeof *borders), at = 0;
  if (!borders)
    exit(2);
  while (at + 8 < size && !is_event(capture + at))
    at += load32(capture + at + 4);
  for (*count = 0; at + MOST <= size; at += load32(capture + at + 4)) {
    if (load32(capture + at + 4) < LEAST_EVENT)
      exit(2);
    borders[(*count)++] = at;
  }
  if (*count == 0)
    exit(2);
  return borders;
}

int main(int argc, char **argv) {
  if (argc < 4)
    return 2;
  size_t size, tables_size, border_count;
  uint8_t *capture = read_file(argv[1], &size);
  uint8_t *file = read_file(argv[2], &tables_size);
  const uint8_t *at = file;
  struct scan_tables tables = {0};
  tables.wanted = part(&at, 2 * TYPES);
  tables.classes = part(&at, TYPES);
  tables.paths = part(&at, KNOWN_TYPES);
  tables.addresses = part(&at, KNOWN_TYPES);
  tables.fd_params = part(&at, KNOWN_TYPES);
  tables.texts = part(&at, MOST_TEXTS * TEXT_SIZE);
  tables.searched = part(&at, KNOWN_TYPES);
  tables.text_count = *at;

  size_t *borders = borders_of(capture, size, &border_count);

  uint64_t scans = 0, listed = 0;
  uint32_t said = 0;
  for (long seed = 0; seed < atol(argv[3]); seed++) {
    state = (uint64_t)seed;
    const uint8_t *window = capture + borders[next_random() % border_count];
    uint32_t length = 1000 + next_random() % (seed % 2 ? 3000 : MOST - 1000);
    /* Mostly to the end of a block. */
    if (seed % 4 != 0) {
      const uint32_t last = block_at(window, length, UINT32_MAX);
      if (last > 0)
        length = last;
    }
    const size_t events = length / LEAST_EVENT + 1;
    uint8_t *bytes = malloc(length + SLACK);
    if (!bytes)
      return 2;
    memcpy(bytes, window, length);
    memset(bytes + length, 0xff, SLACK);
    if (seed % 8 != 0)
      damage(bytes, length);
    size_t places = 1;
    while (places < 2 * events)
      places *= 2;
    struct scan_space space = {
        calloc(places, sizeof *space.places), (uint32_t)places - 1,
        malloc((events + 1) * sizeof *space.enters),
        malloc((events + 1) * sizeof *space.closings), 0};
    struct scan_lists lists = {malloc(4 * events), malloc(4 * events),
                               malloc(4 * events), calloc(events, 4)};
    for (uint32_t from = 0; from < length;) {
      struct scan_found found;
      scan_events(&tables, &space, &lists, bytes, from, length, 0, 1, 1,
                  &found);
      scans++;
      listed += (uint64_t)found.listed;
      if (found.end < from || found.end > length || found.listed > found.count)
        return 3;
      for (int32_t i = 0; i < found.listed; i++)
        said |= 1u << (lists.marks[i] & EFFECT_BITS);
      /* On behind what stopped it, where that says how long it is. */
      if (found.end + 8 > length || load32(bytes + found.end + 4) < 12)
        break;
      if (load32(bytes + found.end + 4) > length - found.end)
        break;
      from = found.end + load32(bytes + found.end + 4);
    }
    free(bytes);
    free(space.places);
    free(space.enters);
    free(space.closings);
    free(lists.offsets);
    free(lists.ordinals);
    free(lists.marks);
    free(lists.fds);
  }
  printf("%llu scans, %llu events listed, effects %x\n",
         (unsigned long long)scans, (unsigned long long)listed, said);
  free(borders);
  free(capture);
  free(file);
  return 0;
}
