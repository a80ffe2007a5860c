/* The fields of a message or a certificate, from the trail that its decoder leaves. A field is an array
 *
 *     [number of its name and meaning, depth, offset, bytes before the offset that are its length or tag, length, kind,
 *      value of a number or code point or the dotted form of an OID, what it says here, registry of a code point]
 *
 * of which nulls at the end are left out. */
#include "report/page/fields.h"

#include "codec/der_fields.h"
#include "codec/header_fields.h"
#include "registry/limits.h"
#include "registry/registry.h"
#include "report/explain/here.h"
#include "report/explain/suite.h"
#include "report/fields.h"
#include "report/json/certificate.h"
#include "report/page/block.h"
#include "report/text/names.h"
#include "wiretale/fields.h"

#include <stdlib.h>

struct view {
    struct wt_page *p;
    struct wt_json *j;
    struct wt_text *x;          /* of a message; else NULL */
    const struct wt_message *m;
    struct wt_field_walk at;
    size_t certificates; /* cert_data so far */
    char oid[WT_FIELDS_OID];
};

/* What it says in this capture. */
static const char *here(struct view *v, const struct wt_trail_event *e)
{
    if (!v->x)
        return NULL;
    const size_t nth = strcmp(e->field, "cert_data") == 0 ? v->certificates++ : 0;
    return wt_explain_here(v->x, v->m, v->at.where, e, nth);
}

static void value(struct view *v, const struct wt_trail_event *e, const uint8_t *base)
{
    const char *name;
    switch (e->form) {
    case WT_TRAIL_NUMBER:
    case WT_TRAIL_CODE:
        wt_json_number(v->j, e->value);
        break;
    case WT_TRAIL_OID:
        wt_json_text(v->j, wt_fields_oid(wt_span_of(base + e->offset, e->length), v->oid, &name));
        if (name)
            wt_page_oid(&v->p->names, v->oid, name);
        break;
    default:
        wt_json_null(v->j);
    }
}

static void show(struct view *v, size_t i, const uint8_t *base)
{
    const struct wt_trail_event *e = &v->at.trail->events[i];
    const bool extension = wt_field_walk_to(&v->at, i), code = e->form == WT_TRAIL_CODE;
    const size_t field = extension ? wt_page_extension(&v->p->names, v->at.where, e->field, v->at.extension)
                                   : wt_page_field(&v->p->names, v->at.where, e->field);
    const char *note = here(v, e);
    struct wt_json *j = v->j;
    wt_json_open(j, '[');
    wt_json_number(j, field);
    wt_json_number(j, e->depth);
    wt_json_number(j, e->offset);
    wt_json_number(j, e->prefix);
    wt_json_number(j, e->length);
    wt_json_number(j, wt_field_kind(e));
    if (e->form == WT_TRAIL_NUMBER || code || e->form == WT_TRAIL_OID || note)
        value(v, e, base);
    if (note)
        wt_json_text(j, note);
    else if (code)
        wt_json_null(j);
    if (code) {
        wt_page_code(&v->p->names, e->kind, e->value);
        if (e->kind == WT_REG_CIPHER_SUITE)
            wt_page_suite(&v->p->names, (uint16_t)e->value, wt_explain_suite_brief(v->x, (uint16_t)e->value));
        wt_json_number(j, e->kind);
    }
    wt_json_close(j, ']');
}

static void walk(struct view *v, const struct wt_trail *trail, const struct wt_error *error, const uint8_t *base)
{
    char why[512];
    wt_json_key(v->j, "fields");
    wt_json_open(v->j, '[');
    for (size_t i = 0; i < trail->n; i++)
        show(v, i, base);
    wt_json_close(v->j, ']');
    if (trail->lost)
        wt_json_member_number(v->j, "fields_dropped", trail->lost);
    if (error->code == WT_OK)
        return;
    (void)wt_error_format(error, why, sizeof why);
    wt_json_member_text(v->j, "error", why);
    wt_json_member_number(v->j, "error_offset", error->offset);
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
    struct view v = {.p = p, .j = j, .at = {&trail, held->whole, held->whole, 0, 0}};
    wt_json_open(j, '{');
    wt_json_member_number(j, "offset", e->offset);
    wt_json_member_number(j, "length", e->length);
    walk(&v, &trail, &error, der.p);
    wt_json_close(j, '}');
    free(trail.events);
}

static void trees(struct wt_page *p, struct wt_json *j, const struct wt_message *m, const struct wt_trail *trail)
{
    bool any = false;
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

void wt_page_message_fields(struct wt_page *p, struct wt_json *j, struct wt_text *x, const struct wt_message *m)
{
    struct wt_trail trail;
    struct wt_error error;
    const char *place = wt_fields_place(m);
    if (!m->body.n || !wt_fields_room(&trail, m->body.n))
        return;
    wt_fields_decode(m, &trail, NULL, &error);
    struct view v = {.p = p, .j = j, .x = x, .m = m, .at = {&trail, place, place, 0, 0}};
    walk(&v, &trail, &error, m->body.p);
    trees(p, j, m, &trail);
    free(trail.events);
}

void wt_page_certificate_fields(struct wt_page *p, struct wt_json *j, struct wt_span der)
{
    struct wt_trail trail;
    struct wt_error error = {0};
    if (!wt_fields_room(&trail, der.n))
        return;
    (void)wt_der_fields_certificate(der, &trail, &error);
    struct view v = {.p = p, .j = j, .at = {&trail, "x509", "x509", 0, 0}};
    walk(&v, &trail, &error, der.p);
    free(trail.events);
}

/* --- headers ------------------------------------------------------------------------------------------------------ */

enum { HEADER_FIELDS = 512 }; /* a header has 500 bytes at most, of which each option of TCP takes one */

static void header(struct view *v, const char *key, struct wt_span bytes)
{
    wt_json_key_of(v->j, key, strlen(key));
    wt_json_open(v->j, '[');
    for (size_t i = 0; i < v->at.trail->n; i++)
        show(v, i, bytes.p);
    wt_json_close(v->j, ']');
}

void wt_page_header_fields(struct wt_page *p, struct wt_json *j, const char *key, const char *place,
                           void (*decode)(struct wt_span header, struct wt_trail *trail), struct wt_span bytes)
{
    struct wt_trail_event events[4];
    struct wt_trail trail = {.events = events, .cap = sizeof events / sizeof *events};
    struct view v = {.p = p, .j = j, .at = {&trail, place, place, 0, 0}};
    decode(bytes, &trail);
    header(&v, key, bytes);
}

static void layer(struct wt_page *p, struct wt_json *j, const struct wt_packet_headers *h,
                  const struct wt_layer_place *place)
{
    struct wt_trail_event events[HEADER_FIELDS];
    struct wt_trail trail = {.events = events, .cap = HEADER_FIELDS};
    const enum wt_layer id = (enum wt_layer)place->layer;
    const char *name = wt_header_name(id);
    struct view v = {.p = p, .j = j, .at = {&trail, name, name, 0, 0}};
    const struct wt_span bytes = wt_span_cut(h->bytes, place->offset, place->length);
    if (!bytes.n)
        return;
    wt_header_fields(id, bytes, &trail);
    wt_json_open(j, '{');
    wt_json_member_text(j, "name", wt_text_layer(id));
    wt_json_member_number(j, "offset", place->offset);
    wt_json_member_number(j, "length", bytes.n);
    header(&v, "fields", bytes);
    wt_json_close(j, '}');
}

void wt_page_packets(struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "packets");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->packet_count; i++) {
        wt_json_open(j, '[');
        for (size_t k = 0; k < c->packets[i].layer_count; k++)
            layer(p, j, &c->packets[i], &c->packets[i].layers[k]);
        wt_json_close(j, ']');
    }
    wt_json_close(j, ']');
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
    struct wt_json j;
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
    wt_page_flush(&j);
    return number;
}

void wt_page_message_certificates(struct wt_page *p, struct wt_json *j, const struct wt_connection *c,
                                  const struct wt_message *m)
{
    struct wt_codec_context context = {m->shape.version, m->shape.kx, m->shape.certificate_type, m->from == WT_SERVER};
    struct wt_message_body body;
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
