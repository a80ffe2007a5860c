/* The public view of the trails that decoders leave. */
#include "report/fields.h"

#include "base/i18n.h"
#include "codec/der_fields.h"
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

const char *wt_fields_place(const struct wt_message *m)
{
    if (m->content_type == WT_CONTENT_ALERT)
        return "alert";
    if (m->content_type == WT_CONTENT_HEARTBEAT)
        return "heartbeat";
    if (m->flags & WT_MESSAGE_SSL2)
        return "ssl2";
    const char *name = wt_message_type_name(m);
    return name ? name : "";
}

void wt_fields_decode(const struct wt_message *m, struct wt_trail *trail, struct wt_message_body *body,
                      struct wt_error *error)
{
    struct wt_codec_context context = {m->shape.version, m->shape.kx, m->shape.certificate_type, m->from == WT_SERVER};
    struct wt_message_body own;
    struct wt_alert_body alert;
    struct wt_heartbeat heartbeat;
    *error = (struct wt_error){0};
    if (!body)
        body = &own;
    memset(body, 0, sizeof *body);
    if (m->content_type == WT_CONTENT_ALERT)
        (void)wt_alert_decode(m->body, trail, &alert, error);
    else if (m->content_type == WT_CONTENT_HEARTBEAT)
        (void)wt_heartbeat_decode(m->body, trail, &heartbeat, error);
    else if (m->content_type == WT_CONTENT_HANDSHAKE && m->flags & WT_MESSAGE_SSL2)
        (void)wt_ssl2_decode(m->type, m->body, trail, error);
    else if (m->content_type == WT_CONTENT_HANDSHAKE)
        (void)wt_message_decode(&context, m->type, m->body, trail, body, error);
}

/* --- one field -------------------------------------------------------------------------------------------------------
 */

enum { DEEPEST = 64, PATH = 512 };

struct view {
    struct wt_field_walk walk;
    const uint8_t *base;
    wt_field_sink *sink;
    void *context;
    size_t end[DEEPEST];      /* length of the path above each depth */
    size_t elements[DEEPEST]; /* of the list at each depth so far; SIZE_MAX: it is no list */
    char path[PATH];
    char oid[WT_FIELD_DOTTED];
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

/* An OID's dotted form and its name; its element begins with tag and length. */
const char *wt_field_oid(struct wt_span bytes, char dotted[WT_FIELD_DOTTED], const char **name)
{
    const unsigned char *p;
    ASN1_OBJECT *object = NULL;
    uint8_t der[130] = {V_ASN1_OBJECT, (uint8_t)bytes.n};
    *name = NULL;
    dotted[0] = '\0';
    if (bytes.n && bytes.n < 128) {
        memcpy(der + 2, bytes.p, bytes.n);
        p = der;
        object = d2i_ASN1_OBJECT(NULL, &p, (long)bytes.n + 2);
    }
    if (!object)
        return dotted;
    int nid = OBJ_obj2nid(object);
    *name = nid == NID_undef ? NULL : OBJ_nid2ln(nid);
    (void)OBJ_obj2txt(dotted, WT_FIELD_DOTTED, object, 1);
    ASN1_OBJECT_free(object);
    return dotted;
}

static const char *explain(const struct view *v, const struct wt_trail_event *e, bool extension)
{
    const char *text = extension ? wt_explain_extension(v->walk.extension) : wt_explain_field(v->walk.where, e->field);
    return text ? _(text) : NULL;
}

static bool show(struct view *v, size_t i)
{
    static const uint8_t kinds[] = {
        [WT_TRAIL_NUMBER] = WT_FIELD_NUMBER, [WT_TRAIL_CODE] = WT_FIELD_CODE,     [WT_TRAIL_BYTES] = WT_FIELD_BYTES,
        [WT_TRAIL_TEXT] = WT_FIELD_TEXT,     [WT_TRAIL_STRUCT] = WT_FIELD_STRUCT, [WT_TRAIL_LIST] = WT_FIELD_LIST,
        [WT_TRAIL_OID] = WT_FIELD_OID};
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
                         .kind = kinds[e->form],
                         .explanation = explain(v, e, extension)};
    if (e->form == WT_TRAIL_CODE) {
        f.registry = e->kind;
        f.value_name = wt_registry_name((enum wt_registry)e->kind, e->value);
    } else if (e->form == WT_TRAIL_OID) {
        f.text = wt_field_oid(f.bytes, v->oid, &f.value_name);
    }
    return v->sink(v->context, &f);
}

static bool show_error(struct view *v, const struct wt_error *error)
{
    (void)wt_error_format(error, v->why, sizeof v->why);
    const struct wt_field f = {.name = error->field ? error->field : "",
                               .path = error->field ? error->field : "",
                               .offset = (size_t)error->offset,
                               .kind = WT_FIELD_ERROR,
                               .text = v->why,
                               .error = error};
    (void)v->sink(v->context, &f);
    return false;
}

/* --- what is walked --------------------------------------------------------------------------------------------------
 */

/* Room for the fields of n bytes: an element of DER takes two bytes at least, a field of TLS one. */
static bool prepare(struct wt_trail *trail, size_t n)
{
    *trail = (struct wt_trail){.cap = n < WT_LIMIT_TRAIL / 4 ? 4 * n + 64 : WT_LIMIT_TRAIL};
    trail->events = malloc(trail->cap * sizeof *trail->events);
    return trail->events != NULL;
}

static bool walk(const char *whole, const struct wt_trail *trail, const struct wt_error *error, const uint8_t *base,
                 wt_field_sink *sink, void *context)
{
    struct view v = {
        .walk = {.trail = trail, .whole = whole, .where = whole}, .base = base, .sink = sink, .context = context};
    v.elements[0] = SIZE_MAX;
    for (size_t i = 0; i < trail->n; i++)
        if (!show(&v, i))
            return false;
    if (error->code != WT_OK)
        return show_error(&v, error);
    if (!trail->lost)
        return true;
    return show_error(
        &v, &(struct wt_error){
                .code = WT_LIMIT, .field = "fields", .value = trail->n + trail->lost, .bound = WT_LIMIT_TRAIL});
}

bool wt_fields_message(const struct wt_message *m, wt_field_sink *field, void *context)
{
    struct wt_trail trail;
    struct wt_error error;
    if (!m->body.n)
        return true;
    if (!prepare(&trail, m->body.n))
        return false;
    wt_fields_decode(m, &trail, NULL, &error);
    bool all = walk(wt_fields_place(m), &trail, &error, m->body.p, field, context);
    free(trail.events);
    return all;
}

static bool fields_of(enum wt_code (*decode)(struct wt_span, struct wt_trail *, struct wt_error *), const char *whole,
                      struct wt_span bytes, wt_field_sink *field, void *context)
{
    static const uint8_t nothing;
    struct wt_trail trail;
    struct wt_error error;
    if (!prepare(&trail, bytes.n))
        return false;
    if (!bytes.p)
        bytes = wt_span_of(&nothing, 0);
    (void)decode(bytes, &trail, &error);
    bool all = walk(whole, &trail, &error, bytes.p, field, context);
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
