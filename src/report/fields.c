/* The public view of the trails that decoders leave. */
#include "report/fields.h"

#include "base/i18n.h"
#include "base/memory.h"
#include "codec/der_fields.h"
#include "codec/dtls.h"
#include "registry/limits.h"
#include "registry/registry.h"
#include "report/explain/tables.h"
#include "wiretale/fields.h"

#include <openssl/asn1.h>
#include <openssl/objects.h>
#include <stdio.h>
#include <stdlib.h>

/* --- what is shared with --explain and JSON --------------------------------------------------------------------------
 */

bool wt_field_walk_to(struct wt_field_walk *w, size_t i)
{
    const struct wt_trail_event *e = &w->trail->events[i], *type = e + 1;
    if (w->where != w->whole && e->depth <= w->extension_depth) {
        w->where = w->whole;
        w->extension_depth = 0;
    }
    if (e->form != WT_TRAIL_STRUCT || strcmp(e->field, "extension") != 0 || i + 1 >= w->trail->n ||
        type->form != WT_TRAIL_CODE || type->kind != WT_REG_EXTENSION)
        return false;
    w->extension = (uint16_t)type->value;
    w->extension_depth = e->depth;
    const struct wt_extension_info *info = wt_extension_find(w->extension);
    w->where = info ? info->name : "";
    return true;
}

static enum wt_code alert(struct wt_span body, struct wt_trail *trail, struct wt_error *error)
{
    struct wt_alert_body out;
    return wt_alert_decode(body, trail, &out, error);
}

static enum wt_code heartbeat(struct wt_span body, struct wt_trail *trail, struct wt_error *error)
{
    struct wt_heartbeat out;
    return wt_heartbeat_decode(body, trail, &out, error);
}

static enum wt_code ack(struct wt_span body, struct wt_trail *trail, struct wt_error *error)
{
    struct wt_decode decode;
    struct wt_reader r = wt_reader_start(&decode, body, trail);
    (void)wt_dtls_ack_read(&r);
    (void)wt_reader_close(&r, "ack");
    *error = decode.error;
    return decode.error.code;
}

/* Messages that are no handshake messages: a record each. */
static const struct plain {
    uint8_t content_type;
    const char *place;
    enum wt_code (*decode)(struct wt_span body, struct wt_trail *trail, struct wt_error *error);
} plain_rows[] = {
    {WT_CONTENT_CHANGE_CIPHER_SPEC, "change_cipher_spec", wt_change_cipher_spec_decode},
    {WT_CONTENT_ALERT, "alert", alert},
    {WT_CONTENT_HEARTBEAT, "heartbeat", heartbeat},
    {WT_CONTENT_ACK, "ack", ack},
};

static const struct plain *plain_row(const struct wt_message *m)
{
    for (size_t i = 0; i < sizeof plain_rows / sizeof *plain_rows; i++)
        if (plain_rows[i].content_type == m->content_type)
            return &plain_rows[i];
    return NULL;
}

const char *wt_fields_place(const struct wt_message *m)
{
    const struct plain *row = plain_row(m);
    if (row)
        return row->place;
    if (m->flags & WT_MESSAGE_SSL2)
        return "ssl2";
    const char *name = wt_message_type_name(m);
    return name ? name : "";
}

void wt_fields_decode(const struct wt_message *m, struct wt_trail *trail, struct wt_message_body *body,
                      struct wt_error *error)
{
    struct wt_codec_context context = {m->shape.version, m->shape.kx, m->shape.certificate_type, m->from == WT_SERVER};
    const struct plain *row = plain_row(m);
    struct wt_message_body own;
    *error = (struct wt_error){0};
    if (!body)
        body = &own;
    memset(body, 0, sizeof *body);
    if (row)
        (void)row->decode(m->body, trail, error);
    else if (m->content_type == WT_CONTENT_HANDSHAKE && m->flags & WT_MESSAGE_SSL2)
        (void)wt_ssl2_decode(m->type, m->body, trail, error);
    else if (m->content_type == WT_CONTENT_HANDSHAKE)
        (void)wt_message_decode(&context, m->type, m->body, trail, body, error);
}

/* The element begins with tag and length. */
const char *wt_fields_oid(struct wt_span contents, char room[WT_FIELDS_OID], const char **name)
{
    ASN1_OBJECT *object = NULL;
    uint8_t der[130] = {V_ASN1_OBJECT, (uint8_t)contents.n};
    const unsigned char *p = der;
    room[0] = '\0';
    *name = NULL;
    if (contents.n && contents.n < 128) {
        memcpy(der + 2, contents.p, contents.n);
        object = d2i_ASN1_OBJECT(NULL, &p, (long)contents.n + 2);
    }
    if (!object)
        return room;
    int nid = OBJ_obj2nid(object);
    *name = nid == NID_undef ? NULL : OBJ_nid2ln(nid);
    (void)OBJ_obj2txt(room, WT_FIELDS_OID, object, 1);
    ASN1_OBJECT_free(object);
    return room;
}

uint8_t wt_field_kind(const struct wt_trail_event *e)
{
    static const uint8_t kinds[] = {
        [WT_TRAIL_NUMBER] = WT_FIELD_NUMBER, [WT_TRAIL_CODE] = WT_FIELD_CODE,     [WT_TRAIL_BYTES] = WT_FIELD_BYTES,
        [WT_TRAIL_TEXT] = WT_FIELD_TEXT,     [WT_TRAIL_STRUCT] = WT_FIELD_STRUCT, [WT_TRAIL_LIST] = WT_FIELD_LIST,
        [WT_TRAIL_OID] = WT_FIELD_OID};
    return kinds[e->form];
}

bool wt_fields_room(struct wt_trail *trail, size_t n)
{
    *trail = (struct wt_trail){.cap = wt_message_most_fields(n)};
    trail->events = wt_malloc(trail->cap * sizeof *trail->events);
    return trail->events != NULL;
}

static const struct wt_fields_held *held_by(const struct wt_trail_event *e)
{
    static const struct wt_fields_held rows[] = {
        {"cert_data", "x509", wt_der_fields_certificate},
        {"ASN1_subjectPublicKeyInfo", "x509", wt_der_fields_public_key},
        {"response", "ocsp", wt_der_fields_ocsp},
        {"ocsp_response", "ocsp", wt_der_fields_ocsp},
        {"distinguished_name", "x509", wt_der_fields_name},
    };
    /* a `response` without a length of its own is of a status_type that is not ocsp (RFC 6066, 8) */
    if (e->length == 0 || e->prefix == 0)
        return NULL;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(e->field, rows[i].field) == 0)
            return &rows[i];
    return NULL;
}

bool wt_fields_may_hold(const struct wt_trail_event *e)
{
    return held_by(e) != NULL;
}

const struct wt_fields_held *wt_fields_held(const struct wt_message *m, const struct wt_trail_event *e)
{
    /* RFC 6091, 3.3: the other type of certificate that has been assigned, OpenPGP, is not in DER */
    return m->content_type == WT_CONTENT_HANDSHAKE && m->shape.certificate_type != 1 ? held_by(e) : NULL;
}

bool wt_fields_decode_held(const struct wt_fields_held *held, const struct wt_message *m,
                           const struct wt_trail_event *e, struct wt_trail *trail, struct wt_error *error)
{
    if (!wt_fields_room(trail, e->length))
        return false;
    (void)held->decode(wt_span_cut(m->body, e->offset, e->length), trail, error);
    for (size_t i = 0; i < trail->n; i++) {
        trail->events[i].offset += e->offset;
        trail->events[i].depth = (uint8_t)(trail->events[i].depth + e->depth + 1);
    }
    error->offset += e->offset;
    return true;
}

/* --- one field -------------------------------------------------------------------------------------------------------
 */

enum { DEEPEST = 64, PATH = 512 };

struct view {
    struct wt_field_walk walk;
    const struct wt_message *deep; /* a message whose DER is walked too, or NULL */
    const uint8_t *base;
    wt_field_sink *sink;
    void *context;
    size_t end[DEEPEST];      /* length of the path above each depth */
    size_t elements[DEEPEST]; /* of the list at each depth so far; SIZE_MAX: it is no list */
    char path[PATH];
    char oid[WT_FIELDS_OID];
    char why[512];
};

static size_t add(struct view *v, size_t n, const char *text)
{
    for (; *text && n + 1 < PATH; text++)
        v->path[n++] = *text;
    v->path[n] = '\0';
    return n;
}

/* The path of an event: that of what it is in, and its own name. */
static void find_path(struct view *v, const struct wt_trail_event *e)
{
    unsigned depth = e->depth < DEEPEST - 1 ? e->depth : DEEPEST - 2;
    size_t n = v->end[depth];
    n = add(v, add(v, n, n ? "/" : ""), e->field);
    if (v->elements[depth] != SIZE_MAX) {
        char number[24];
        (void)snprintf(number, sizeof number, "[%zu]", v->elements[depth]++);
        n = add(v, n, number);
    }
    v->end[depth + 1] = n;
    v->elements[depth + 1] = e->form == WT_TRAIL_LIST ? 0 : SIZE_MAX;
}

static const char *explain(const struct view *v, const struct wt_trail_event *e, bool extension)
{
    const char *text = extension ? wt_explain_extension(v->walk.extension) : wt_explain_field(v->walk.where, e->field);
    return text ? _(text) : NULL;
}

static bool show(struct view *v, size_t i)
{
    const struct wt_trail_event *e = &v->walk.trail->events[i];
    bool extension = wt_field_walk_to(&v->walk, i);
    find_path(v, e);
    struct wt_field f = {.name = e->field,
                         .path = v->path,
                         .offset = e->offset,
                         .length = e->length,
                         .prefix = e->prefix,
                         .bytes = wt_span_of(v->base + e->offset, e->length),
                         .number = e->value,
                         .depth = e->depth,
                         .kind = wt_field_kind(e),
                         .explanation = explain(v, e, extension)};
    if (e->form == WT_TRAIL_CODE) {
        f.registry = e->kind;
        f.value_name = wt_registry_name((enum wt_registry)e->kind, e->value);
    } else if (e->form == WT_TRAIL_OID) {
        f.text = wt_fields_oid(f.bytes, v->oid, &f.value_name);
    }
    return v->sink(v->context, &f);
}

/* True when the sink wants more. */
static bool show_error(struct view *v, const struct wt_error *error)
{
    (void)wt_error_format(error, v->why, sizeof v->why);
    const struct wt_field f = {.name = error->field ? error->field : "",
                               .path = error->field ? error->field : "",
                               .offset = (size_t)error->offset,
                               .kind = WT_FIELD_ERROR,
                               .text = v->why,
                               .error = error};
    return v->sink(v->context, &f);
}

/* --- what is walked --------------------------------------------------------------------------------------------------
 */

/* What the event holds in DER, then the message goes on. False when the sink has enough. */
static bool show_held(struct view *v, const struct wt_trail_event *e)
{
    const struct wt_fields_held *held = v->deep ? wt_fields_held(v->deep, e) : NULL;
    const struct wt_message *message = v->deep;
    const struct wt_field_walk outer = v->walk;
    struct wt_trail trail;
    struct wt_error error;
    bool on = true;
    if (!held || !wt_fields_decode_held(held, message, e, &trail, &error))
        return true;
    v->deep = NULL;
    v->walk = (struct wt_field_walk){.trail = &trail, .whole = held->whole, .where = held->whole};
    for (size_t i = 0; i < trail.n && on; i++)
        on = show(v, i);
    if (on && error.code != WT_OK)
        on = show_error(v, &error);
    v->deep = message;
    v->walk = outer;
    free(trail.events);
    return on;
}

static bool walk(struct view *v, const char *whole, const struct wt_trail *trail, const struct wt_error *error)
{
    v->walk = (struct wt_field_walk){.trail = trail, .whole = whole, .where = whole};
    v->elements[0] = SIZE_MAX;
    for (size_t i = 0; i < trail->n; i++)
        if (!show(v, i) || !show_held(v, &trail->events[i]))
            return false;
    if (error->code == WT_OK && !trail->lost)
        return true;
    struct wt_error lost = {
        .code = WT_LIMIT, .field = "fields", .value = trail->n + trail->lost, .bound = WT_LIMIT_TRAIL};
    (void)show_error(v, error->code == WT_OK ? &lost : error);
    return false;
}

static bool message_fields(const struct wt_message *m, bool deep, wt_field_sink *field, void *context)
{
    struct view v = {.deep = deep ? m : NULL, .base = m->body.p, .sink = field, .context = context};
    struct wt_trail trail;
    struct wt_error error;
    if (!m->body.n)
        return true;
    if (!wt_fields_room(&trail, m->body.n))
        return false;
    wt_fields_decode(m, &trail, NULL, &error);
    bool all = walk(&v, wt_fields_place(m), &trail, &error);
    free(trail.events);
    return all;
}

bool wt_fields_message(const struct wt_message *m, wt_field_sink *field, void *context)
{
    return message_fields(m, false, field, context);
}

bool wt_fields_whole(const struct wt_message *m, wt_field_sink *field, void *context)
{
    return message_fields(m, true, field, context);
}

static bool fields_of(enum wt_code (*decode)(struct wt_span, struct wt_trail *, struct wt_error *), const char *whole,
                      struct wt_span bytes, wt_field_sink *field, void *context)
{
    static const uint8_t nothing;
    struct wt_trail trail;
    struct wt_error error;
    if (!wt_fields_room(&trail, bytes.n))
        return false;
    if (!bytes.p)
        bytes = wt_span_of(&nothing, 0);
    (void)decode(bytes, &trail, &error);
    struct view v = {.base = bytes.p, .sink = field, .context = context};
    bool all = walk(&v, whole, &trail, &error);
    free(trail.events);
    return all;
}

bool wt_fields_certificate(struct wt_span der, wt_field_sink *field, void *context)
{
    return fields_of(wt_der_fields_certificate, "x509", der, field, context);
}

bool wt_fields_ocsp(struct wt_span der, wt_field_sink *field, void *context)
{
    return fields_of(wt_der_fields_ocsp, "ocsp", der, field, context);
}

bool wt_fields_scts(struct wt_span list, wt_field_sink *field, void *context)
{
    return fields_of(wt_der_fields_scts, "signed_certificate_timestamp", list, field, context);
}
