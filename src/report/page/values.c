#include "report/page/values.h"

#include "base/array.h"
#include "base/memory.h"
#include "base/uninitialized.h"
#include "report/page/block.h"

#include <stdlib.h>

/* Slots that are looked at for a value. Somebody may make values that all begin at one slot: those behind the last are
 * told once more each time, which costs room but no time. */
enum { PROBES = 32, LEAST_SLOTS = 4096 };

#define MIX 0x9e3779b97f4a7c15u

static uint64_t word_at(const uint8_t *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static uint64_t mixed(uint64_t h, uint64_t word)
{
    h = (h ^ word) * MIX;
    return h ^ h >> 29;
}

static uint64_t hash_of(enum wt_page_kind kind, struct wt_span key)
{
    uint64_t h = (key.n << 8 | kind) * MIX, other[3] = {0}, last = 0;
    for (; key.n >= 32; key.p += 32, key.n -= 32) { /* side by side: each waits for its last product */
        h = mixed(h, word_at(key.p));
        for (unsigned i = 0; i < 3; i++)
            other[i] = mixed(other[i], word_at(key.p + 8 + i * sizeof last));
    }
    h ^= mixed(other[0] ^ other[1] >> 7, other[2]);
    for (; key.n >= sizeof last; key.p += sizeof last, key.n -= sizeof last)
        h = mixed(h, word_at(key.p));
    if (key.n)
        memcpy(&last, key.p, key.n);
    h = mixed(h, last);
    return h ^ h >> 32;
}

static bool is_it(const struct wt_page_values *v, size_t number, uint64_t hash, enum wt_page_kind kind,
                  struct wt_span key)
{
    const struct wt_page_value *one = &v->list[number];
    return one->hash == hash && one->kind == kind && one->key_length == key.n &&
           (!key.n || memcmp(v->keys.p + one->key, key.p, key.n) == 0);
}

static void put(uint32_t *slots, size_t slot_count, uint64_t hash, size_t number)
{
    size_t at = (size_t)hash & (slot_count - 1);
    for (unsigned i = 0; i < PROBES; i++, at = (at + 1) & (slot_count - 1))
        if (!slots[at]) {
            slots[at] = (uint32_t)(number + 1);
            return;
        }
}

static bool widen(struct wt_page_values *v)
{
    const size_t count = v->slot_count ? 2 * v->slot_count : LEAST_SLOTS;
    uint32_t *slots = wt_calloc(count, sizeof *slots);
    if (!slots)
        return false;
    for (size_t i = 0; i < v->n; i++)
        put(slots, count, v->list[i].hash, i);
    free(v->slots);
    v->slots = slots;
    v->slot_count = count;
    return true;
}

static size_t add(struct wt_page_values *v, enum wt_page_kind kind, uint64_t hash, struct wt_span key)
{
    const size_t at = v->keys.n;
    if ((2 * (v->n + 1) > v->slot_count && !widen(v)) || v->n >= UINT32_MAX ||
        !wt_array_grow(&v->list, v->n, &v->room, sizeof *v->list, LEAST_SLOTS / 2) ||
        !wt_buffer_add(&v->keys, key.p, key.n)) {
        v->failed = true;
        return SIZE_MAX;
    }
    v->list[v->n] = (struct wt_page_value){.hash = hash, .key = at, .key_length = key.n, .kind = (uint8_t)kind};
    put(v->slots, v->slot_count, hash, v->n);
    return v->n++;
}

size_t wt_page_values_enter(struct wt_page_values *v, enum wt_page_kind kind, struct wt_span key, bool *is_new)
{
    const uint64_t hash = hash_of(kind, key);
    size_t at = (size_t)hash & (v->slot_count - 1);
    *is_new = false;
    for (unsigned i = 0; v->slot_count && i < PROBES && v->slots[at]; i++, at = (at + 1) & (v->slot_count - 1))
        if (is_it(v, v->slots[at] - 1, hash, kind, key))
            return v->slots[at] - 1;
    const size_t number = add(v, kind, hash, key);
    *is_new = number != SIZE_MAX;
    return number;
}

void wt_page_values_write(struct wt_page_values *v, struct wt_json *j, struct wt_output *output)
{
    *output = wt_page_to(&v->json);
    wt_json_start(j, output);
    j->comma = v->json.n > 0;
}

size_t wt_page_values_json(struct wt_page_values *v, struct wt_span json)
{
    bool is_new;
    const size_t number = wt_page_values_enter(v, WT_PAGE_JSON, json, &is_new);
    if (is_new && v->json.n)
        (void)wt_buffer_add_char(&v->json, ',');
    if (is_new)
        (void)wt_buffer_add(&v->json, json.p, json.n);
    return number;
}

bool wt_page_next_line(struct wt_span *lines, struct wt_span *line)
{
    do {
        const uint8_t *end = lines->n ? memchr(lines->p, '\n', lines->n) : NULL;
        if (!end)
            return false; /* no more, or no memory for the rest */
        *line = wt_span_cut(*lines, 0, (size_t)(end - lines->p));
        *lines = wt_span_cut(*lines, line->n + 1, SIZE_MAX);
    } while (!line->n);
    return true;
}

size_t wt_page_values_line(struct wt_page_values *v, const char *text, size_t n)
{
    struct wt_output output;
    struct wt_json j WT_UNINITIALIZED;
    bool is_new;
    const size_t number = wt_page_values_enter(v, WT_PAGE_LINE, wt_span_of((const uint8_t *)text, n), &is_new);
    if (is_new) {
        wt_page_values_write(v, &j, &output);
        wt_json_text_of(&j, text, n);
        wt_json_flush(&j);
    }
    return number;
}

size_t wt_page_values_lines(struct wt_page_values *v, struct wt_span lines)
{
    struct wt_output output;
    struct wt_json j WT_UNINITIALIZED;
    struct wt_span line;
    bool is_new;
    const size_t number = wt_page_values_enter(v, WT_PAGE_LINES, lines, &is_new);
    if (!is_new)
        return number;
    wt_page_values_write(v, &j, &output);
    wt_json_open(&j, '[');
    while (wt_page_next_line(&lines, &line))
        wt_json_text_of(&j, (const char *)line.p, line.n);
    wt_json_close(&j, ']');
    wt_json_flush(&j);
    return number;
}

size_t wt_page_values_bytes(struct wt_page_values *v, struct wt_span bytes)
{
    struct wt_output output;
    struct wt_json j WT_UNINITIALIZED;
    bool is_new;
    const size_t number = wt_page_values_enter(v, WT_PAGE_BYTES, bytes, &is_new);
    if (is_new) {
        wt_page_values_write(v, &j, &output);
        wt_json_open(&j, '[');
        wt_json_number(&j, v->bytes.n);
        wt_json_number(&j, bytes.n);
        wt_json_close(&j, ']');
        wt_json_flush(&j);
        (void)wt_buffer_add(&v->bytes, bytes.p, bytes.n);
    }
    return number;
}

void wt_page_values_clear(struct wt_page_values *v)
{
    v->json.n = v->bytes.n = v->keys.n = v->n = 0;
    if (v->slots)
        memset(v->slots, 0, v->slot_count * sizeof *v->slots);
}

void wt_page_values_back(struct wt_page_values *v, size_t n, size_t json)
{
    v->n = n;
    v->json.n = json;
    if (v->slots)
        memset(v->slots, 0, v->slot_count * sizeof *v->slots);
}

void wt_page_values_free(struct wt_page_values *v)
{
    wt_buffer_free(&v->json);
    wt_buffer_free(&v->bytes);
    wt_buffer_free(&v->keys);
    free(v->list);
    free(v->slots);
    *v = (struct wt_page_values){0};
}
