/* The fields of a message or a certificate, from the trail that its decoder leaves. A field is an array
 *
 *     [number of its name and meaning, depth, offset, bytes before the offset that are its length or tag, length, kind,
 *      value of a number or code point or the dotted form of an OID, null, registry of a code point]
 *
 * of which nulls at the end are left out. Those of messages and headers are layouts: see layout.h. */
#include "report/page/fields.h"

#include "base/memory.h"
#include "base/uninitialized.h"
#include "codec/der_fields.h"
#include "codec/header_fields.h"
#include "registry/limits.h"
#include "registry/registry.h"
#include "report/fields.h"
#include "report/json/certificate.h"
#include "report/page/block.h"
#include "report/page/layout.h"
#include "report/text/names.h"

#include <stdlib.h>

/* Where reading ended early. */
void wt_page_fields_ending(struct wt_json *j, const struct wt_trail *trail, const struct wt_error *error)
{
    char why[512] WT_UNINITIALIZED;
    if (trail->lost)
        wt_json_member_number(j, "fields_dropped", trail->lost);
    if (error->code == WT_OK)
        return;
    (void)wt_error_format(error, why, sizeof why);
    wt_json_member_text(j, "error", why);
    wt_json_member_number(j, "error_offset", error->offset);
}

/* All of what is in DER, of which there are hardly two in the same places. */
static void walk(struct wt_page *p, struct wt_json *j, const char *whole, const struct wt_trail *trail,
                 const struct wt_error *error, const uint8_t *base)
{
    struct wt_field_walk at = {trail, whole, whole, 0, 0};
    wt_json_key(j, "fields");
    wt_json_open(j, '[');
    for (size_t i = 0; i < trail->n; i++) {
        const struct wt_trail_event *e = &trail->events[i];
        const bool extension = wt_field_walk_to(&at, i);
        if (e->form == WT_TRAIL_CODE)
            wt_page_layout_code(p, e);
        wt_page_layout_row(p, j, &at, extension, e, base, e->form == WT_TRAIL_NUMBER || e->form == WT_TRAIL_CODE);
    }
    wt_json_close(j, ']');
    wt_page_fields_ending(j, trail, error);
}

/* What one of them holds in DER, as a tree of its own; certificates are told once for the whole page. */
static void tree(struct wt_page *p, struct wt_json *j, const struct wt_message *m, const struct wt_trail_event *e)
{
    const struct wt_fields_held *held = wt_fields_held(m, e);
    struct wt_trail trail;
    struct wt_error error = {0};
    const struct wt_span der = wt_span_cut(m->body, e->offset, e->length);
    if (!held || strcmp(e->field, "cert_data") == 0 || !wt_fields_room(&trail, der.n))
        return;
    (void)held->decode(der, &trail, &error);
    wt_json_open(j, '{');
    wt_json_member_number(j, "offset", e->offset);
    wt_json_member_number(j, "length", e->length);
    walk(p, j, held->whole, &trail, &error, der.p);
    wt_json_close(j, '}');
    free(trail.events);
}

static void trees(struct wt_page *p, struct wt_json *j, size_t layout, const struct wt_message *m,
                  const struct wt_trail *trail)
{
    bool any = false;
    if (layout == SIZE_MAX || !p->values.list[layout].holds)
        return;
    for (size_t i = 0; i < trail->n && !any; i++)
        any = wt_fields_held(m, &trail->events[i]);
    if (!any)
        return;
    wt_json_key(j, "trees");
    wt_json_open(j, '[');
    for (size_t i = 0; i < trail->n; i++)
        tree(p, j, m, &trail->events[i]);
    wt_json_close(j, ']');
}

/* What a large message takes is otherwise given back to the system each time. */
bool wt_page_trail(struct wt_page *p, struct wt_trail *trail, size_t cap)
{
    if (cap > p->event_room) {
        struct wt_trail_event *events = wt_realloc(p->events, cap * sizeof *events);
        if (!events)
            return false;
        p->events = events;
        p->event_room = cap;
    }
    *trail = (struct wt_trail){.events = p->events, .cap = cap};
    return true;
}

void wt_page_body_read(struct wt_page *p, struct wt_text *x, const struct wt_message *m, struct wt_page_body *body)
{
    body->error = (struct wt_error){0};
    body->layout = SIZE_MAX;
    body->plain = false;
    if (!m->body.n || !wt_page_trail(p, &body->trail, wt_message_most_fields(m->body.n)))
        return;
    wt_fields_decode(m, &body->trail, &body->decoded, &body->error);
    body->layout = wt_page_layout(p, wt_fields_place(m), &body->trail, m->body.p);
    const struct wt_page_value *value = body->layout == SIZE_MAX ? NULL : &p->values.list[body->layout];
    p->notes.n = 0;
    wt_page_layout_notes(p, &p->notes, body->layout, x, m, &body->trail);
    body->plain = value && !value->holds && !body->trail.lost && body->error.code == WT_OK;
}

void wt_page_message_fields(struct wt_page *p, struct wt_json *j, const struct wt_message *m,
                            const struct wt_page_body *body)
{
    if (body->layout == SIZE_MAX)
        return;
    wt_json_member_number(j, "fields", body->layout);
    wt_page_fields_ending(j, &body->trail, &body->error);
    if (p->notes.n) {
        wt_json_key(j, "notes");
        wt_json_open(j, '[');
        wt_json_raw(j, wt_buffer_span(&p->notes));
        wt_json_close(j, ']');
    }
    trees(p, j, body->layout, m, &body->trail);
}

void wt_page_certificate_fields(struct wt_page *p, struct wt_json *j, struct wt_span der)
{
    struct wt_trail trail;
    struct wt_error error = {0};
    if (!wt_fields_room(&trail, der.n))
        return;
    (void)wt_der_fields_certificate(der, &trail, &error);
    walk(p, j, "x509", &trail, &error, der.p);
    free(trail.events);
}

/* --- headers ------------------------------------------------------------------------------------------------------ */

enum { HEADER_FIELDS = 512 }; /* a header has 500 bytes at most, of which each option of TCP takes one */

/* Its layout follows from its bytes, of which there are few. */
static size_t header_layout(struct wt_page *p, const char *place,
                            void (*decode)(struct wt_span header, struct wt_trail *trail), struct wt_span bytes)
{
    struct wt_trail_event events[4] WT_UNINITIALIZED;
    struct wt_trail trail = {.events = events, .cap = sizeof events / sizeof *events};
    bool is_new;
    p->key.n = 0;
    (void)wt_buffer_add(&p->key, &place, sizeof place);
    (void)wt_buffer_add(&p->key, bytes.p, bytes.n);
    p->values.failed |= p->key.failed;
    const size_t at = wt_page_values_enter(&p->known, WT_PAGE_HEADER, wt_buffer_span(&p->key), &is_new);
    if (at == SIZE_MAX || !is_new)
        return at == SIZE_MAX ? SIZE_MAX : p->known.list[at].first;
    decode(bytes, &trail);
    return p->known.list[at].first = (uint32_t)wt_page_layout(p, place, &trail, bytes.p);
}

void wt_page_header_fields(struct wt_page *p, struct wt_json *j, const char *key, const char *place,
                           void (*decode)(struct wt_span header, struct wt_trail *trail), struct wt_span bytes)
{
    wt_json_member_number(j, key, header_layout(p, place, decode, bytes));
}

void wt_page_layer_fields(struct wt_page *p, struct wt_json *j, const struct wt_packet_headers *h,
                          const struct wt_layer_place *place)
{
    struct wt_trail_event events[HEADER_FIELDS] WT_UNINITIALIZED;
    struct wt_trail trail = {.events = events, .cap = HEADER_FIELDS};
    const enum wt_layer id = (enum wt_layer)place->layer;
    const struct wt_span bytes = wt_span_cut(h->bytes, place->offset, place->length);
    if (!bytes.n)
        return;
    wt_header_fields(id, bytes, &trail);
    wt_json_open(j, '{');
    wt_json_member_text(j, "name", wt_text_layer(id));
    wt_json_member_number(j, "offset", place->offset);
    wt_json_member_number(j, "length", bytes.n);
    wt_json_member_number(j, "fields", wt_page_layout(p, wt_header_name(id), &trail, bytes.p));
    wt_json_close(j, '}');
}

/* --- certificates ------------------------------------------------------------------------------------------------- */

static const struct wt_certificate_facts *facts_of(const struct wt_connection *c, struct wt_span der)
{
    for (unsigned side = 0; side < 2; side++)
        for (size_t i = 0; i < c->certificate_count[side]; i++)
            if (wt_span_equal(c->certificates[side][i]->der, der))
                return c->certificates[side][i];
    return NULL;
}

/* Its facts, bytes and fields go where the block's certificates are, once for the whole page. */
static size_t certificate_number(struct wt_page *p, const struct wt_certificate_facts *f)
{
    bool is_new;
    const size_t number = wt_page_certificate(&p->names, f->sha256, &is_new);
    struct wt_output output = wt_page_to(&p->certificates);
    struct wt_json j WT_UNINITIALIZED;
    if (!is_new || number == SIZE_MAX)
        return number;
    p->names.certificates[number].block = wt_page_block(p);
    p->names.certificates[number].position = p->certificate_count;
    wt_json_start(&j, &output);
    j.comma = p->certificate_count++ > 0;
    wt_json_open(&j, '{');
    wt_json_key(&j, "facts");
    wt_json_certificate(&j, f);
    wt_json_key(&j, "der");
    wt_page_json_base64(&j, f->der);
    wt_page_certificate_fields(p, &j, f->der);
    wt_json_close(&j, '}');
    wt_json_flush(&j);
    return number;
}

void wt_page_message_certificates(struct wt_page *p, struct wt_json *j, const struct wt_connection *c,
                                  const struct wt_message *m)
{
    struct wt_codec_context context = {m->shape.version, m->shape.kx, m->shape.certificate_type, m->from == WT_SERVER};
    struct wt_message_body body WT_UNINITIALIZED;
    struct wt_certificate_entry entry;
    struct wt_error error;
    if (m->content_type != WT_CONTENT_HANDSHAKE || m->type != WT_HANDSHAKE_CERTIFICATE || !m->body.n ||
        m->flags & WT_MESSAGE_SSL2)
        return;
    (void)wt_message_decode(&context, m->type, m->body, NULL, &body, &error);
    struct wt_span rest = body.certificate.list;
    wt_json_key(j, "certificates");
    wt_json_open(j, '[');
    while (!body.certificate.raw_public_key && wt_certificate_next(&body.certificate, &rest, &entry)) {
        const struct wt_certificate_facts *f = facts_of(c, entry.data);
        const size_t number = f ? certificate_number(p, f) : SIZE_MAX;
        if (number == SIZE_MAX)
            continue;
        wt_json_open(j, '[');
        wt_json_number(j, number);
        wt_json_number(j, (size_t)(entry.data.p - m->body.p));
        wt_json_number(j, entry.data.n);
        wt_json_close(j, ']');
    }
    wt_json_close(j, ']');
}
