/* Message by message what passed in the clear, and of those that differ each field: by the trail that the decoders
 * leave. */
#include "base/i18n.h"
#include "base/trail.h"
#include "codec/codec.h"
#include "compare/compare.h"
#include "registry/limits.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PATH 160u
#define FIELDS 12u /* of one message that are told */

/* One field: a value, or a list of values. */
struct leaf {
    char path[PATH];
    const struct wt_trail_event *event;
    uint32_t copy; /* how many of the same path came before it */
};

struct leaves {
    struct wt_trail trail;
    struct leaf *list;
    size_t count;
    const uint8_t *base;
};

static bool is_node(const struct wt_trail_event *e)
{
    return e->form == WT_TRAIL_STRUCT || e->form == WT_TRAIL_LIST;
}

/* A list of plain values is one field: an element more would else change all behind it. */
static bool is_leaf(const struct wt_trail *t, size_t i)
{
    if (!is_node(&t->events[i]))
        return true;
    if (t->events[i].form == WT_TRAIL_STRUCT)
        return false;
    for (size_t k = i + 1, end = wt_trail_next(t, i); k < end; k++)
        if (is_node(&t->events[k]))
            return false;
    return true;
}

/* An element that begins with a code point is called by it, as extensions are. */
static void name_of(const struct wt_trail *t, size_t i, char *room, size_t size)
{
    const struct wt_trail_event *e = &t->events[i], *inner = i + 1 < t->n ? e + 1 : NULL;
    if (e->form == WT_TRAIL_STRUCT && inner && inner->depth > e->depth && inner->form == WT_TRAIL_CODE) {
        const char *name = wt_registry_name(inner->kind, inner->value);
        if (name)
            (void)snprintf(room, size, "%s", name);
        else
            (void)snprintf(room, size, "%s 0x%0*" PRIx64, e->field, 2 * (int)inner->length, inner->value);
        return;
    }
    (void)snprintf(room, size, "%s", e->field ? e->field : "");
}

static void walk(struct leaves *l, size_t i, size_t end, const char *path)
{
    const struct wt_trail *t = &l->trail;
    for (; i < end; i = wt_trail_next(t, i)) {
        char name[96], whole[PATH];
        name_of(t, i, name, sizeof name);
        (void)snprintf(whole, sizeof whole, "%.*s%s%s", (int)(sizeof whole - sizeof name - 2), path, *path ? "." : "",
                       name);
        if (!is_leaf(t, i)) {
            walk(l, i + 1, wt_trail_next(t, i), whole);
        } else {
            struct leaf *leaf = &l->list[l->count++];
            memcpy(leaf->path, whole, sizeof whole);
            leaf->event = &t->events[i];
        }
    }
}

static int order(const void *a, const void *b)
{
    const struct leaf *x = a, *y = b;
    int d = strcmp(x->path, y->path);
    return d ? d : (x->event > y->event) - (x->event < y->event);
}

static bool leaves_of(struct leaves *l, const struct wt_seen_message *m)
{
    struct wt_codec_context context = {m->shape.version, m->shape.kx, m->shape.certificate_type, m->from == WT_SERVER};
    struct wt_message_body body;
    struct wt_error error;
    size_t most = m->body.n + 64 < WT_LIMIT_TRAIL ? m->body.n + 64 : WT_LIMIT_TRAIL;
    *l = (struct leaves){.base = m->body.p};
    l->trail.events = malloc(most * sizeof *l->trail.events);
    l->trail.cap = l->trail.events ? most : 0;
    if (m->content_type == WT_CONTENT_ALERT)
        (void)wt_alert_decode(m->body, &l->trail, &(struct wt_alert_body){0}, &error);
    else
        (void)wt_message_decode(&context, m->type, m->body, &l->trail, &body, &error);
    l->list = l->trail.n ? malloc(l->trail.n * sizeof *l->list) : NULL;
    if (!l->list)
        return false;
    walk(l, 0, l->trail.n, "");
    qsort(l->list, l->count, sizeof *l->list, order);
    for (size_t i = 0; i < l->count; i++)
        l->list[i].copy = i && strcmp(l->list[i].path, l->list[i - 1].path) == 0 ? l->list[i - 1].copy + 1 : 0;
    return true;
}

static void leaves_free(struct leaves *l)
{
    free(l->trail.events);
    free(l->list);
}

/* --- values ------------------------------------------------------------------------------------------------------- */

#define SHOWN 24u /* bytes of a value */

static void hex(char *out, size_t size, const uint8_t *p, uint32_t n)
{
    size_t at = 0;
    for (uint32_t i = 0; i < n && i < SHOWN && at + 3 < size; i++)
        at += (size_t)snprintf(out + at, size - at, "%02x", p[i]);
    if (n > SHOWN)
        (void)snprintf(out + at, size - at, _("… (%" PRIu32 " bytes)"), n);
    else if (n == 0)
        (void)snprintf(out, size, "%s", _("nothing"));
}

static void text(char *out, size_t size, const uint8_t *p, uint32_t n)
{
    size_t at = 0;
    for (uint32_t i = 0; i < n && at + 5 < size; i++) {
        if (p[i] >= 0x20 && p[i] < 0x7f && p[i] != '\\')
            out[at++] = (char)p[i];
        else
            at += (size_t)snprintf(out + at, size - at, "\\x%02x", p[i]);
    }
    out[at] = 0;
}

static const char *value_of(const struct leaves *l, const struct leaf *leaf, char *room, size_t size)
{
    const struct wt_trail_event *e = leaf->event;
    const char *name = e->form == WT_TRAIL_CODE ? wt_registry_name(e->kind, e->value) : NULL;
    room[0] = 0;
    if (name)
        (void)snprintf(room, size, "%s", name);
    else if (e->form == WT_TRAIL_CODE)
        (void)snprintf(room, size, "0x%0*" PRIx64, 2 * (int)e->length, e->value);
    else if (e->form == WT_TRAIL_NUMBER)
        (void)snprintf(room, size, "%" PRIu64, e->value);
    else if (e->form == WT_TRAIL_TEXT)
        text(room, size, l->base + e->offset, e->length);
    else
        hex(room, size, l->base + e->offset, e->length);
    return room;
}

static bool same_value(const struct leaves *a, const struct leaf *x, const struct leaves *b, const struct leaf *y)
{
    return x->event->length == y->event->length &&
           (x->event->length == 0 ||
            memcmp(a->base + x->event->offset, b->base + y->event->offset, x->event->length) == 0);
}

/* --- one message -------------------------------------------------------------------------------------------------- */

static const char *type_of(const struct wt_seen_message *m, char room[64])
{
    struct wt_message as = {.content_type = m->content_type, .type = m->type, .flags = m->flags};
    const char *name = m->content_type == WT_CONTENT_ALERT ? "alert" : wt_message_type_name(&as);
    (void)snprintf(room, 64, "%s", name ? name : _("handshake message"));
    return room;
}

struct told {
    struct wt_pair *p;
    const struct wt_seen_message *m[2];
    const char *type;
    unsigned fields;
};

static void field_differs(struct told *t, const struct leaves *a, const struct leaf *x, const struct leaves *b,
                          const struct leaf *y)
{
    char room[2][160];
    struct wt_compare_difference *d;
    if (t->fields++ >= FIELDS)
        return;
    unsigned from = t->m[0]->from;
    if (x && y)
        d = wt_pair_say(t->p, "field-changed", from,
                        _("%s of the %s (packet %" PRIu32 " at A, %" PRIu32 " at B): %s is %s at A and %s at B."),
                        t->type, wt_pair_side_name(from), t->m[0]->frame, t->m[1]->frame, x->path,
                        value_of(a, x, room[0], sizeof room[0]), value_of(b, y, room[1], sizeof room[1]));
    else
        d = wt_pair_say(
            t->p, x ? "field-removed" : "field-added", from,
            x ? _("%s of the %s (packet %" PRIu32 " at A, %" PRIu32 " at B): %s (%s) is there at A and not at B.")
              : _("%s of the %s (packet %" PRIu32 " at A, %" PRIu32 " at B): %s (%s) is there at B and not at A."),
            t->type, wt_pair_side_name(from), t->m[0]->frame, t->m[1]->frame, x ? x->path : y->path,
            x ? value_of(a, x, room[0], sizeof room[0]) : value_of(b, y, room[0], sizeof room[0]));
    d->frame[0] = t->m[0]->frame;
    d->frame[1] = t->m[1]->frame;
}

static void fields(struct told *t, const struct leaves *a, const struct leaves *b)
{
    for (size_t i = 0, k = 0; i < a->count || k < b->count;) {
        const struct leaf *x = i < a->count ? &a->list[i] : NULL, *y = k < b->count ? &b->list[k] : NULL;
        int d = !x ? 1 : !y ? -1 : strcmp(x->path, y->path);
        if (d == 0 && x->copy != y->copy)
            d = x->copy < y->copy ? -1 : 1;
        if (d != 0)
            field_differs(t, a, d < 0 ? x : NULL, b, d < 0 ? NULL : y);
        else if (!same_value(a, x, b, y))
            field_differs(t, a, x, b, y);
        i += d <= 0;
        k += d >= 0;
    }
}

static void message_differs(struct wt_pair *p, const struct wt_seen_message *a, const struct wt_seen_message *b)
{
    char room[64];
    struct leaves x, y = {.count = 0};
    struct told t = {p, {a, b}, type_of(a, room), 0};
    struct wt_compare_difference *d =
        wt_pair_say(p, "message-rewritten", a->from,
                    _("The %s's %s is not the same: %zu bytes in packet %" PRIu32 " at A, %zu bytes in packet %" PRIu32
                      " at B. Something between the two rewrote it; TLS will refuse the connection (RFC 8446, 4.4.4) "
                      "unless what rewrote it ends TLS itself."),
                    wt_pair_side_name(a->from), t.type, a->body.n, a->frame, b->body.n, b->frame);
    d->frame[0] = a->frame;
    d->frame[1] = b->frame;
    if (leaves_of(&x, a) && leaves_of(&y, b))
        fields(&t, &x, &y);
    leaves_free(&x);
    leaves_free(&y);
    if (t.fields == 0 && a->content_type == WT_CONTENT_HANDSHAKE)
        (void)wt_pair_say(p, "field-changed", a->from, _("The fields of this %s are the same in another order."),
                          t.type);
    if (t.fields > FIELDS)
        p->out->cut = true;
}

/* --- all of a side ------------------------------------------------------------------------------------------------ */

static const struct wt_seen_message *next_of(const struct wt_seen_tls *t, unsigned side, size_t *at)
{
    while (*at < t->count)
        if (t->messages[(*at)++].from == side)
            return &t->messages[*at - 1];
    return NULL;
}

static void lonely(struct wt_pair *p, unsigned capture, const struct wt_seen_message *m)
{
    char room[64];
    struct wt_compare_difference *d =
        wt_pair_say(p, "message-missing", m->from, _("The %s's %s (packet %" PRIu32 " at %s) is not there at %s."),
                    wt_pair_side_name(m->from), type_of(m, room), m->frame, wt_pair_capture_name(capture),
                    wt_pair_capture_name(1 - capture));
    d->frame[capture] = m->frame;
}

static void side_messages(struct wt_pair *p, unsigned side)
{
    size_t at[2] = {0, 0};
    for (;;) {
        const struct wt_seen_message *a = next_of(p->seen[0]->tls, side, &at[0]);
        const struct wt_seen_message *b = next_of(p->seen[1]->tls, side, &at[1]);
        if (!a && !b)
            return;
        if (!a || !b) {
            lonely(p, a ? 0 : 1, a ? a : b);
            return; /* what follows is missing with it */
        }
        if (a->content_type != b->content_type || a->type != b->type) {
            lonely(p, 0, a);
            lonely(p, 1, b);
            return; /* from here on these are two accounts */
        }
        if (!wt_span_equal(a->body, b->body))
            message_differs(p, a, b);
    }
}

void wt_pair_messages(struct wt_pair *p)
{
    if (!p->seen[0]->tls || !p->seen[1]->tls)
        return; /* what one capture lacks is told of the streams */
    p->out->cut = p->out->cut || p->seen[0]->tls->cut || p->seen[1]->tls->cut;
    side_messages(p, WT_CLIENT);
    side_messages(p, WT_SERVER);
}
