/*
 * Runs the walk over events on damaged copies of a capture's events, for the
 * sanitizers that it is compiled with to see every access: all memory has
 * exactly the size that is promised to the walk.
 *
 *   scan_harness CAPTURE TABLES SEEDS
 *
 * TABLES: wanted, classes, paths, addresses, texts, searched, one behind the
 * other, and the number of texts in the last byte.
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

/* Changes some bytes: anywhere, or the lengths of a block where it begins. */
static void damage(uint8_t *bytes, uint32_t size) {
  for (uint32_t n = next_random() % 12; n > 0; n--)
    bytes[next_random() % size] = (uint8_t)next_random();
  uint32_t at = 0;
  for (uint32_t n = next_random() % 200; n > 0 && at + 40 < size; n--) {
    const uint32_t total = load32(bytes + at + 4);
    if (total < 12 || total > size - at)
      return;
    at += total;
  }
  if (at + 40 >= size)
    return;
  static const uint32_t fields[] = {4, 26, 30, 32, 36, 38, 40};
  const uint32_t field =
      fields[next_random() % (sizeof fields / sizeof *fields)];
  const uint32_t value = next_random() % 3 ? next_random() % 64 : next_random();
  memcpy(bytes + at + field, &value,
         field == 4 || field == 26 || field == 32 ? 4 : 2);
}

int main(int argc, char **argv) {
  if (argc < 4)
    return 2;
  size_t size, tables_size;
  uint8_t *capture = read_file(argv[1], &size);
  uint8_t *file = read_file(argv[2], &tables_size);
  const uint8_t *at = file;
  struct scan_tables tables = {0};
  tables.wanted = part(&at, 2 * TYPES);
  tables.classes = part(&at, TYPES);
  tables.paths = part(&at, KNOWN_TYPES);
  tables.addresses = part(&at, KNOWN_TYPES);
  tables.texts = part(&at, MOST_TEXTS * TEXT_SIZE);
  tables.searched = part(&at, KNOWN_TYPES);
  tables.text_count = *at;

  size_t first = 0;
  while (first + 8 < size && !is_event(capture + first))
    first += load32(capture + first + 4);
  if (first + MOST > size)
    return 2;

  uint64_t scans = 0, listed = 0;
  for (long seed = 0; seed < atol(argv[3]); seed++) {
    state = (uint64_t)seed;
    const uint32_t length = 1000 + next_random() % (MOST - 1000);
    const size_t events = length / LEAST_EVENT + 1;
    uint8_t *bytes = malloc(length + SLACK);
    if (!bytes)
      return 2;
    memcpy(bytes, capture + first, length);
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
  printf("%llu scans, %llu events listed\n", (unsigned long long)scans,
         (unsigned long long)listed);
  free(capture);
  free(file);
  return 0;
}
