/* What a decoder read, as JSON under the RFC's names. There is no second parser: whatever the codec learns to read
 * appears here by itself. */
#include "report/json/trail.h"

#include "registry/limits.h"
#include "registry/registry.h"
#include "report/json/marks.h"

static struct wt_span bytes_of(const struct wt_trail_event *e, const uint8_t *base)
{
    return e->length ? wt_span_of(base + e->offset, e->length) : (struct wt_span){0};
}

static bool is_opaque(const struct wt_trail_event *e)
{
    return e->form == WT_TRAIL_BYTES || e->form == WT_TRAIL_TEXT;
}

/* Fields that each message has its own of, and that no decoder looks into: what is around them is written the same
 * whatever they are. */
static bool is_of_the_message(const char *field)
{
    static const char *const fields[] = {
        "random",
        "session_id",
        "key_exchange",
        "identity",
        "obfuscated_ticket_age",
        "psk_binder_entry",
        "ticket",
        "ticket_age_add",
        "ticket_nonce",
        "public",
        "dh_Ys",
        "signature",
        "ecdh_Yc",
        "dh_Yc",
        "encrypted_pre_master_secret",
        "verify_data",
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(fields[i], field) == 0)
            return true;
    return false;
}

static void opaque(struct wt_json *j, const struct wt_trail_event *e, struct wt_span bytes)
{
    if (e->form == WT_TRAIL_TEXT) {
        wt_json_wire(j, bytes);
        return;
    }
    if (j->marks && bytes.n && is_of_the_message(e->field))
        wt_json_marks_add(j->marks, (struct wt_json_mark){bytes, j->n + j->comma, 2 + 2 * bytes.n, false});
    wt_json_hex(j, bytes);
}

static void number(struct wt_json *j, const struct wt_trail_event *e, const uint8_t *base)
{
    const size_t text = j->n + j->comma;
    wt_json_number(j, e->value);
    if (j->marks && e->length == 4 && is_of_the_message(e->field))
        wt_json_marks_add(j->marks, (struct wt_json_mark){bytes_of(e, base), text, j->n - text, true});
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

/* Code points of a list, each with its full number of digits. Returns the index after the last. */
static size_t list_of_codes(struct wt_json *j, const struct wt_trail *t, size_t i)
{
    const struct wt_trail_event *e = &t->events[i];
    const unsigned width = wt_registry_width(e->kind), depth = e->depth, kind = e->kind;
    for (; i < t->n && e->depth == depth && e->form == WT_TRAIL_CODE && e->kind == kind; i++, e++)
        wt_json_code(j, e->value, width ? width : e->length);
    return i;
}

/* What is below event i, as the elements of a list. */
static size_t elements(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    const uint8_t depth = t->events[i].depth;
    wt_json_open(j, '[');
    for (i++; i < t->n && t->events[i].depth > depth;)
        i = t->events[i].form == WT_TRAIL_CODE ? list_of_codes(j, t, i) : wt_json_trail_value(j, t, i, base);
    wt_json_close(j, ']');
    return i;
}

size_t wt_json_trail_value(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    const struct wt_trail_event *e = &t->events[i];
    switch (e->form) {
    case WT_TRAIL_NUMBER:
        number(j, e, base);
        return i + 1;
    case WT_TRAIL_CODE:
        wt_json_code(j, e->value, wt_registry_width(e->kind) ? wt_registry_width(e->kind) : e->length);
        return i + 1;
    case WT_TRAIL_STRUCT:
        wt_json_open(j, '{');
        i = wt_json_trail_fields(j, t, i, base);
        wt_json_close(j, '}');
        return i;
    case WT_TRAIL_LIST:
        return elements(j, t, i, base);
    default:
        element(j, e, base);
        return wt_trail_next(t, i);
    }
}

size_t wt_json_trail_field(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base, const char *key)
{
    const struct wt_trail_event *e = &t->events[i];
    if (!key)
        key = e->field;
    wt_json_key_word(j, key);
    if (!is_opaque(e))
        return wt_json_trail_value(j, t, i, base);
    opaque(j, e, wt_span_cut(bytes_of(e, base), 0, WT_LIMIT_JSON_BYTES));
    if (e->length > WT_LIMIT_JSON_BYTES) {
        wt_json_key_joined(j, key, "_length");
        wt_json_number(j, e->length);
    }
    return wt_trail_next(t, i); /* what is inside is not shown */
}

size_t wt_json_trail_fields(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    const uint8_t depth = t->events[i].depth;
    for (i++; i < t->n && t->events[i].depth > depth;)
        i = wt_json_trail_field(j, t, i, base, NULL);
    return i;
}

size_t wt_json_trail_integers(struct wt_json *j, const struct wt_trail *t, size_t i)
{
    const uint8_t depth = t->events[i].depth;
    wt_json_open(j, '[');
    for (i++; i < t->n && t->events[i].depth > depth; i = wt_trail_next(t, i))
        wt_json_number(j, t->events[i].value);
    wt_json_close(j, ']');
    return i;
}

/* Fields of an extension come beside the contract's three keys; one that has the name of such a key steps aside. */
static const char *aside(const char *field)
{
    switch (*field) {
    case 'i':
        return strcmp(field, "id") == 0 ? "body_id" : NULL;
    case 'n':
        return strcmp(field, "name") == 0 ? "body_name" : NULL;
    case 'l':
        return strcmp(field, "length") == 0 ? "body_length" : NULL;
    default:
        return NULL;
    }
}

static size_t extension_fields(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    const uint8_t depth = t->events[i].depth;
    for (i++; i < t->n && t->events[i].depth > depth;)
        i = wt_json_trail_field(j, t, i, base, aside(t->events[i].field));
    return i;
}

static size_t extension(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    const uint8_t depth = t->events[i].depth;
    size_t id = i + 1, data = i + 2;
    /* cut before its id: the message's error reports it, and readers may count on `id` */
    if (id >= t->n || t->events[id].depth <= depth)
        return id;
    const char *name = wt_registry_name(WT_REG_EXTENSION, t->events[id].value);
    wt_json_open(j, '{');
    wt_json_key(j, "id");
    wt_json_code(j, t->events[id].value, 2);
    if (name) {
        wt_json_key(j, "name");
        wt_json_word(j, name);
    }
    if (data < t->n && t->events[data].depth > depth) {
        const struct wt_trail_event *e = &t->events[data];
        wt_json_key(j, "length");
        wt_json_number(j, e->length);
        if (e->form == WT_TRAIL_STRUCT)
            data = extension_fields(j, t, data, base);
        else if (e->length)
            data = wt_json_trail_field(j, t, data, base, "data");
        else
            data = wt_trail_next(t, data);
    }
    wt_json_close(j, '}');
    return data;
}

size_t wt_json_trail_extensions(struct wt_json *j, const struct wt_trail *t, size_t i, const uint8_t *base)
{
    const uint8_t depth = t->events[i].depth;
    wt_json_key(j, "extensions");
    wt_json_open(j, '[');
    for (i++; i < t->n && t->events[i].depth > depth;)
        i = extension(j, t, i, base);
    wt_json_close(j, ']');
    return i;
}
