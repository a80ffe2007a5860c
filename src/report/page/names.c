#include "report/page/names.h"

#include "base/array.h"
#include "base/i18n.h"
#include "base/memory.h"
#include "base/sentences.h"
#include "base/uninitialized.h"
#include "registry/registry.h"
#include "report/explain/suite.h"
#include "report/explain/tables.h"
#include "report/page/block.h"

#include <stdio.h>
#include <stdlib.h>

/* --- tables ------------------------------------------------------------------------------------------------------- */

static size_t slot_of(const struct wt_page_table *t, uint64_t key)
{
    return (size_t)((key ^ key >> 29) * 0x9e3779b97f4a7c15u >> 20) & (t->slot_count - 1);
}

static bool widen(struct wt_page_table *t)
{
    struct wt_page_table wider = *t;
    wider.slot_count = t->slot_count ? 2 * t->slot_count : 256;
    wider.slots = wt_calloc(wider.slot_count, sizeof *wider.slots);
    if (!wider.slots)
        return false;
    for (size_t i = 0; i < t->n; i++) {
        size_t at = slot_of(&wider, t->keys[i]);
        while (wider.slots[at])
            at = (at + 1) & (wider.slot_count - 1);
        wider.slots[at] = (uint32_t)(i + 1);
    }
    free(t->slots);
    *t = wider;
    return true;
}

/* The number of a key, *is_new when it was not there; SIZE_MAX without memory. */
static size_t enter(struct wt_page_table *t, uint64_t key, bool *is_new)
{
    *is_new = false;
    if (2 * (t->n + 1) > t->slot_count && !widen(t))
        return SIZE_MAX;
    size_t at = slot_of(t, key);
    for (; t->slots[at]; at = (at + 1) & (t->slot_count - 1))
        if (t->keys[t->slots[at] - 1] == key)
            return t->slots[at] - 1;
    if (!wt_array_grow(&t->keys, t->n, &t->room, sizeof *t->keys, 128))
        return SIZE_MAX;
    t->keys[t->n] = key;
    t->slots[at] = (uint32_t)(t->n + 1);
    *is_new = true;
    return t->n++;
}

static void free_table(struct wt_page_table *t)
{
    free(t->keys);
    free(t->slots);
}

void wt_page_names_free(struct wt_page_names *n)
{
    free_table(&n->fields);
    free_table(&n->codes);
    free_table(&n->oids);
    free_table(&n->suites);
    wt_buffer_free(&n->suite_text);
    wt_page_values_free(&n->digests);
    wt_buffer_free(&n->field_text);
    wt_buffer_free(&n->oid_text);
    free(n->certificates);
    free(n->sentences);
}

/* --- what is entered ---------------------------------------------------------------------------------------------- */

static void tell_field(struct wt_page_names *n, const char *place, const char *name, const char *explanation)
{
    struct wt_json j WT_UNINITIALIZED;
    struct wt_output output = wt_page_to(&n->field_text);
    wt_json_start(&j, &output);
    j.comma = n->field_text.n > 0;
    wt_json_open(&j, '[');
    wt_json_text(&j, name);
    wt_json_text(&j, place);
    if (explanation)
        wt_json_text(&j, _(explanation));
    wt_json_close(&j, ']');
    wt_json_flush(&j);
}

size_t wt_page_field(struct wt_page_names *n, const char *place, const char *name)
{
    bool is_new;
    const uint64_t key = (uint64_t)(uintptr_t)name * 0x9e3779b97f4a7c15u ^ (uint64_t)(uintptr_t)place;
    const size_t number = enter(&n->fields, key, &is_new);
    if (is_new)
        tell_field(n, place, name, wt_explain_field(place, name));
    return number;
}

/* Those without a name have one place, "", and one meaning if they are GREASE, else none. No address is so low as a code
 * point. */
size_t wt_page_extension(struct wt_page_names *n, const char *place, const char *name, uint16_t id)
{
    bool is_new;
    const uint64_t key = *place ? id : (uint64_t)0x10000 << wt_is_grease(id);
    const size_t number = enter(&n->fields, key, &is_new);
    if (is_new)
        tell_field(n, place, name, wt_explain_extension(id));
    return number;
}

void wt_page_code(struct wt_page_names *n, unsigned registry, uint64_t value)
{
    bool is_new;
    (void)enter(&n->codes, (uint64_t)registry << 32 | (value & UINT32_MAX), &is_new);
}

static uint64_t hash(const char *text)
{
    uint64_t h = 0xcbf29ce484222325u;
    for (; *text; text++)
        h = (h ^ (uint8_t)*text) * 0x100000001b3u;
    return h;
}

/* A member of an object of which others may be there. */
static void member(struct wt_buffer *b, const char *key, const char *value)
{
    struct wt_output output = wt_page_to(b);
    struct wt_json j WT_UNINITIALIZED;
    wt_json_start(&j, &output);
    j.comma = b->n > 0;
    wt_json_key_text(&j, key);
    wt_json_text(&j, value);
    wt_json_flush(&j);
}

void wt_page_oid(struct wt_page_names *n, const char *dotted, const char *name)
{
    bool is_new;
    (void)enter(&n->oids, hash(dotted), &is_new);
    if (is_new)
        member(&n->oid_text, dotted, name);
}

void wt_page_suite(struct wt_page_names *n, uint16_t suite)
{
    bool is_new;
    char key[8];
    (void)enter(&n->suites, suite, &is_new);
    const char *brief = is_new ? wt_explain_suite_brief(NULL, suite) : NULL;
    if (!brief)
        return;
    (void)snprintf(key, sizeof key, "%u", suite);
    member(&n->suite_text, key, brief);
}

size_t wt_page_certificate(struct wt_page_names *n, const uint8_t sha256[32], bool *is_new)
{
    if (!wt_array_grow(&n->certificates, n->certificate_count, &n->certificate_room, sizeof *n->certificates, 16))
        return SIZE_MAX;
    const size_t number = wt_page_values_enter(&n->digests, WT_PAGE_CERTIFICATE, wt_span_of(sha256, 32), is_new);
    n->certificate_count += *is_new;
    return number;
}

void wt_page_sentences(struct wt_page_names *n, struct wt_span json)
{
    static const uint8_t mark[] = {0xc2, 0x81}; /* as JSON has it, see json/writer.c */
    if (!n->sentences) {
        while (wt_sentence(8 * n->sentence_bytes))
            n->sentence_bytes++;
        n->sentences = wt_calloc(n->sentence_bytes, 1);
    }
    while (n->sentences && json.n) {
        const uint8_t *at = memchr(json.p, mark[0], json.n);
        size_t number = 0;
        if (!at)
            return;
        json = wt_span_cut(json, (size_t)(at - json.p) + 1, SIZE_MAX);
        if (!json.n || json.p[0] != mark[1])
            continue;
        json = wt_span_cut(json, 1, SIZE_MAX);
        for (; json.n && json.p[0] >= '0' && json.p[0] <= '9' && number < 100000; json = wt_span_cut(json, 1, SIZE_MAX))
            number = 10 * number + json.p[0] - '0';
        if (number / 8 < n->sentence_bytes)
            n->sentences[number / 8] |= (uint8_t)(1u << number % 8);
    }
}

/* --- the index ---------------------------------------------------------------------------------------------------- */

static int by_value(const void *a, const void *b)
{
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* By registry, since JSON's objects nest. */
static void codes(struct wt_page_names *n, struct wt_json *j)
{
    uint64_t *sorted = n->codes.n ? wt_malloc(n->codes.n * sizeof *sorted) : NULL;
    unsigned registry = 0;
    char number[24];
    wt_json_key(j, "codes");
    wt_json_open(j, '{');
    if (sorted) {
        memcpy(sorted, n->codes.keys, n->codes.n * sizeof *sorted);
        qsort(sorted, n->codes.n, sizeof *sorted, by_value);
    }
    for (size_t i = 0; sorted && i < n->codes.n; i++) {
        const uint64_t value = sorted[i] & UINT32_MAX;
        const char *name = wt_registry_name((enum wt_registry)(sorted[i] >> 32), value);
        if (sorted[i] >> 32 != registry) {
            if (registry)
                wt_json_close(j, '}');
            registry = (unsigned)(sorted[i] >> 32);
            (void)snprintf(number, sizeof number, "%u", registry);
            wt_json_key_text(j, number);
            wt_json_open(j, '{');
        }
        if (!name)
            continue;
        (void)snprintf(number, sizeof number, "%llu", (unsigned long long)value);
        wt_json_key_text(j, number);
        wt_json_text(j, name);
    }
    if (registry)
        wt_json_close(j, '}');
    wt_json_close(j, '}');
    free(sorted);
}

static void format(struct wt_json *j, const char *text)
{
    if (text)
        wt_json_text(j, text);
    else
        wt_json_null(j);
}

static void sentences(struct wt_page_names *n, struct wt_json *j)
{
    char key[24];
    wt_json_key(j, "sentences");
    wt_json_open(j, '{');
    for (size_t i = 0; i < 8 * n->sentence_bytes; i++) {
        const struct wt_sentence *s = wt_sentence(i);
        if (!s || !(n->sentences[i / 8] & 1u << i % 8))
            continue;
        (void)snprintf(key, sizeof key, "%zu", i);
        wt_json_key_text(j, key);
        wt_json_open(j, '[');
        if (s->many) {
            wt_json_open(j, '[');
            wt_json_text(j, s->english);
            wt_json_text(j, s->many);
            wt_json_close(j, ']');
        } else {
            wt_json_text(j, s->english);
        }
        format(j, s->chinese);
        wt_json_close(j, ']');
    }
    wt_json_close(j, '}');
}

void wt_page_names_write(struct wt_page_names *n, struct wt_json *j)
{
    wt_json_key(j, "fields");
    wt_json_open(j, '[');
    wt_json_raw(j, wt_buffer_span(&n->field_text));
    wt_json_close(j, ']');
    wt_page_sentences(n, wt_buffer_span(&n->field_text));
    codes(n, j);
    wt_json_key(j, "oids");
    wt_json_open(j, '{');
    wt_json_raw(j, wt_buffer_span(&n->oid_text));
    wt_json_close(j, '}');
    wt_json_key(j, "suites");
    wt_json_open(j, '{');
    wt_json_raw(j, wt_buffer_span(&n->suite_text));
    wt_json_close(j, '}');
    wt_json_key(j, "certificates");
    wt_json_open(j, '[');
    for (size_t i = 0; i < n->certificate_count; i++) {
        wt_json_open(j, '[');
        wt_json_number(j, n->certificates[i].block);
        wt_json_number(j, n->certificates[i].position);
        wt_json_close(j, ']');
    }
    wt_json_close(j, ']');
    sentences(n, j);
}
