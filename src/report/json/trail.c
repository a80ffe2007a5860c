/* What a decoder read, as JSON under the RFC's names. There is no second parser: whatever the codec learns to read
 * appears here by itself. */
#include "report/json/trail.h"

#include "registry/limits.h"
#include "registry/registry.h"

static struct wt_span bytes_of(const struct wt_trail_event *e, const uint8_t *base)
{
    return e->length ? wt_span_of(base + e->offset, e->length) : (struct wt_span){0};
}

static bool is_opaque(const struct wt_trail_event *e)
{
    return e->form == WT_TRAIL_BYTES || e->form == WT_TRAIL_TEXT;
}

static void opaque(struct wt_json *j, const struct wt_trail_event *e, struct wt_span bytes)
{
    if (e->form == WT_TRAIL_TEXT)
        wt_json_wire(j, bytes);
    else
        wt_json_hex(j, bytes);
}

void wt_json_bytes(struct wt_json *j, const char *key, struct wt_span bytes)
{
    wt_json_key_word(j, key);
    wt_json_hex(j, wt_span_cut(bytes, 0, WT_LIMIT_JSON_BYTES));
    if (bytes.n <= WT_LIMIT_JSON_BYTES)
        return;
    wt_json_key_joined(j, key, "_length");
    wt_json_number(j, bytes.n);
}

/* An element of a list has no key that could carry its length; a long one becomes an object. */
static void element(struct wt_json *j, const struct wt_trail_event *e, const uint8_t *base)
{
    struct wt_span bytes = bytes_of(e, base);
    if (bytes.n <= WT_LIMIT_JSON_BYTES) {
        opaque(j, e, bytes);
        return;
    }
    wt_json_open(j, '{');
    wt_json_key(j, "data");
    opaque(j, e, wt_span_cut(bytes, 0, WT_LIMIT_JSON_BYTES));
    wt_json_key(j, "data_length");
    wt_json_number(j, bytes.n);
    wt_json_close(j, '}');
}

void wt_json_trail_value(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    const struct wt_trail_event *e = &t->events[i];
    switch (e->form) {
    case WT_TRAIL_NUMBER:
        wt_json_number(j, e->value);
        break;
    case WT_TRAIL_CODE:
        wt_json_code(j, e->value, wt_registry_width(e->kind) ? wt_registry_width(e->kind) : e->length);
        break;
    case WT_TRAIL_STRUCT:
        wt_json_open(j, '{');
        wt_json_trail_fields(j, t, i, base);
        wt_json_close(j, '}');
        break;
    case WT_TRAIL_LIST:
        wt_json_open(j, '[');
        for (size_t k = i + 1, end = wt_trail_next(t, i); k < end; k = wt_trail_next(t, k))
            wt_json_trail_value(j, t, k, base);
        wt_json_close(j, ']');
        break;
    default:
        element(j, e, base);
        break;
    }
}

void wt_json_trail_field(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base, const char *key)
{
    const struct wt_trail_event *e = &t->events[i];
    if (!key)
        key = e->field;
    wt_json_key_word(j, key);
    if (!is_opaque(e)) {
        wt_json_trail_value(j, t, i, base);
        return;
    }
    opaque(j, e, wt_span_cut(bytes_of(e, base), 0, WT_LIMIT_JSON_BYTES));
    if (e->length > WT_LIMIT_JSON_BYTES) {
        wt_json_key_joined(j, key, "_length");
        wt_json_number(j, e->length);
    }
}

void wt_json_trail_fields(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    for (size_t k = i + 1, end = wt_trail_next(t, i); k < end; k = wt_trail_next(t, k))
        wt_json_trail_field(j, t, k, base, NULL);
}

void wt_json_trail_integers(struct wt_json *j, const struct wt_trail *t, size_t i)
{
    wt_json_open(j, '[');
    for (size_t k = i + 1, end = wt_trail_next(t, i); k < end; k = wt_trail_next(t, k))
        wt_json_number(j, t->events[k].value);
    wt_json_close(j, ']');
}

/* Fields of an extension stand beside the contract's three keys; one that has the name of such a key steps aside. */
static void extension_field(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    static const char *const aside[][2] = {{"id", "body_id"}, {"name", "body_name"}, {"length", "body_length"}};
    const char *key = NULL;
    for (size_t k = 0; k < sizeof aside / sizeof *aside; k++)
        if (strcmp(t->events[i].field, aside[k][0]) == 0)
            key = aside[k][1];
    wt_json_trail_field(j, t, i, base, key);
}

static void extension(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    size_t end = wt_trail_next(t, i), id = i + 1;
    /* cut before its id: the message's error tells of it, and readers may count on `id` */
    if (id >= end)
        return;
    const char *name = wt_registry_name(WT_REG_EXTENSION, t->events[id].value);
    wt_json_open(j, '{');
    wt_json_key(j, "id");
    wt_json_code(j, t->events[id].value, 2);
    if (name) {
        wt_json_key(j, "name");
        wt_json_text(j, name);
    }
    size_t data = wt_trail_next(t, id);
    if (data < end) {
        const struct wt_trail_event *e = &t->events[data];
        wt_json_key(j, "length");
        wt_json_number(j, e->length);
        if (e->form == WT_TRAIL_STRUCT)
            for (size_t k = data + 1, last = wt_trail_next(t, data); k < last; k = wt_trail_next(t, k))
                extension_field(j, t, k, base);
        else if (e->length)
            wt_json_trail_field(j, t, data, base, "data");
    }
    wt_json_close(j, '}');
}

void wt_json_trail_extensions(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    wt_json_key(j, "extensions");
    wt_json_open(j, '[');
    for (size_t k = i + 1, end = wt_trail_next(t, i); k < end; k = wt_trail_next(t, k))
        extension(j, t, k, base);
    wt_json_close(j, ']');
}
