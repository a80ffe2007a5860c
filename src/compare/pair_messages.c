/* Message by message what was sent in plaintext, and of those that differ each field: by the trail that the decoders
 * leave. */
#include "base/i18n.h"
#include "base/memory.h"
#include "base/trail.h"
#include "base/utf8.h"
#include "codec/codec.h"
#include "compare/compare.h"
#include "compare/pair.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define PATH 192u
#define NAME 72u
#define FIELDS 12u /* of one message that are reported */

/* One field: a value, or a list of values. */
struct leaf {
    char path[PATH]; /* names, each after a '.'; after a '/' what only tells one from another: see shown() */
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

/* A list of plain values is one field: an element more would otherwise change all after it. */
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

/* Extensions are called by their code point, and their data are theirs. Other elements of a list have no name of their
 * own in a path; the code point that they begin with tells them apart. True when the name is to be shown. */
static bool name_of(const struct wt_trail *t, size_t i, bool element, char room[NAME])
{
    const struct wt_trail_event *e = &t->events[i], *inner = i + 1 < t->n ? e + 1 : NULL;
    const bool node = e->form == WT_TRAIL_STRUCT, extension_data = node && e->kind == WT_REG_EXTENSION;
    if (element && node && inner && inner->depth > e->depth && inner->form == WT_TRAIL_CODE) {
        const char *name = wt_registry_name(inner->kind, inner->value);
        if (name)
            (void)snprintf(room, NAME, "%s", name);
        else
            (void)snprintf(room, NAME, "%s 0x%0*" PRIx64, e->field, 2 * (int)inner->length, inner->value);
        return inner->kind == WT_REG_EXTENSION;
    }
    (void)snprintf(room, NAME, "%s", e->field ? e->field : "");
    return !extension_data && !(element && node);
}

static void walk(struct leaves *l, size_t i, size_t end, const char *path, bool elements)
{
    const struct wt_trail *t = &l->trail;
    for (; i < end; i = wt_trail_next(t, i)) {
        char name[NAME], whole[PATH];
        bool shows = name_of(t, i, elements, name);
        (void)snprintf(whole, sizeof whole, "%.*s%s%s", (int)(sizeof whole - sizeof name - 2), path,
                       !*path  ? ""
                       : shows ? "."
                               : "/",
                       name);
        if (!is_leaf(t, i)) {
            walk(l, i + 1, wt_trail_next(t, i), whole, t->events[i].form == WT_TRAIL_LIST);
        } else {
            struct leaf *leaf = &l->list[l->count++];
            memcpy(leaf->path, whole, sizeof whole);
            leaf->event = &t->events[i];
        }
    }
}

static bool is_end(char c)
{
    return c == '.' || c == '/';
}

/* The path as the RFC has it: the first n bytes without what only tells elements apart. Where it ends in that, *which
 * (may be NULL) begins there. */
static const char *shown(const char *path, size_t n, char room[PATH], const char **which)
{
    size_t at = 0;
    bool hides = false;
    for (size_t i = 0; i < n && path[i]; i++) {
        if (is_end(path[i]))
            hides = path[i] == '/';
        if (path[i] == '/' && which)
            *which = &path[i + 1];
        if (!hides)
            room[at++] = path[i];
    }
    room[at] = 0;
    if (!hides && which)
        *which = NULL;
    return room;
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
    const size_t most = wt_message_most_fields(m->body.n);
    *l = (struct leaves){.base = m->body.p};
    l->trail.events = wt_malloc(most * sizeof *l->trail.events);
    l->trail.cap = l->trail.events ? most : 0;
    if (m->content_type == WT_CONTENT_ALERT)
        (void)wt_alert_decode(m->body, &l->trail, &(struct wt_alert_body){0}, &error);
    else
        (void)wt_message_decode(&context, m->type, m->body, &l->trail, &body, &error);
    l->list = wt_malloc((l->trail.n + 1) * sizeof *l->list);
    if (!l->list)
        return false;
    walk(l, 0, l->trail.n, "", false);
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
        wt_printable_into(room, size, wt_span_of(l->base + e->offset, e->length));
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

/* As RFCs write the struct's name: client_hello, ClientHello. */
static const char *type_of(const struct wt_seen_message *m, char room[64])
{
    struct wt_message as = {.content_type = m->content_type, .type = m->type, .flags = m->flags};
    const char *name = m->content_type == WT_CONTENT_ALERT ? "alert" : wt_message_type_name(&as);
    size_t n = 0;
    bool up = true;
    for (; name && *name && n + 1 < 64; name++) {
        if (*name != '_')
            room[n++] = up ? (char)toupper((unsigned char)*name) : *name;
        up = *name == '_';
    }
    room[n] = 0;
    if (!name)
        (void)snprintf(room, 64, _("handshake message %u"), m->type);
    return room;
}

struct told {
    struct wt_pair *p;
    const struct wt_seen_message *m[2];
    const char *type;
    unsigned fields;
};

static void placed(const struct told *t, struct wt_compare_difference *d)
{
    d->frame[0] = t->m[0]->frame;
    d->frame[1] = t->m[1]->frame;
}

static void field_changed(struct told *t, const struct leaves *a, const struct leaf *x, const struct leaves *b,
                          const struct leaf *y)
{
    char room[2][160], path[PATH];
    unsigned from = t->m[0]->from;
    if (t->fields++ >= FIELDS)
        return;
    placed(t, wt_pair_say(t->p, WT_DIFFERENCE_FIELD_CHANGED, from,
                          _("%s from the %s (packet %" PRIu32 " in A, %" PRIu32 " in B): %s is %s in A and %s in B."),
                          t->type, wt_pair_side_name(from), t->m[0]->frame, t->m[1]->frame,
                          shown(x->path, PATH, path, NULL), value_of(a, x, room[0], sizeof room[0]),
                          value_of(b, y, room[1], sizeof room[1])));
}

/* Whether some field's path begins with the n bytes of this one and goes on. They are sorted, and '.' and '/' are
 * beside each other and before all that is in a name. */
static bool has_below(const struct leaves *l, const char *path, size_t n)
{
    size_t from = 0, to = l->list ? l->count : 0;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (strncmp(l->list[middle].path, path, n) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return l->list && from < l->count && strncmp(l->list[from].path, path, n) == 0 && is_end(l->list[from].path[n]);
}

/* How much of the path names what is wanting there as a whole, an extension say; 0: nothing above the field itself. */
static size_t wanting_whole(const struct leaves *there, const char *path)
{
    for (const char *end = strpbrk(path, "./"); end; end = strpbrk(end + 1, "./"))
        if (!has_below(there, path, (size_t)(end - path)))
            return (size_t)(end - path);
    return 0;
}

/* A field that only one of the two has. What is missing as a whole is reported once. Gives how many fields that were.
 */
static size_t field_alone(struct told *t, unsigned capture, const struct leaves *mine, size_t at,
                          const struct leaves *there)
{
    const struct leaf *x = &mine->list[at];
    size_t whole = wanting_whole(there, x->path), n = 1;
    unsigned from = t->m[0]->from;
    char value[160], path[PATH], with[180] = "";
    const char *which = NULL;
    while (whole && at + n < mine->count && strncmp(mine->list[at + n].path, x->path, whole) == 0 &&
           is_end(mine->list[at + n].path[whole]))
        n++;
    if (t->fields++ >= FIELDS)
        return n;
    (void)shown(x->path, whole ? whole : PATH, path, &which);
    if (!whole)
        (void)snprintf(with, sizeof with, " (%s)", value_of(mine, x, value, sizeof value));
    else if (which)
        (void)snprintf(with, sizeof with, " (%.*s)", (int)(&x->path[whole] - which), which);
    placed(t, wt_pair_say(t->p, capture ? WT_DIFFERENCE_FIELD_ADDED : WT_DIFFERENCE_FIELD_REMOVED, from,
                          capture ? _("%s from the %s (packet %" PRIu32 " in A, %" PRIu32
                                      " in B): %.*s%s is present in B but not in A.")
                                  : _("%s from the %s (packet %" PRIu32 " in A, %" PRIu32
                                      " in B): %.*s%s is present in A but not in B."),
                          t->type, wt_pair_side_name(from), t->m[0]->frame, t->m[1]->frame, (int)PATH, path, with));
    return n;
}

static void fields(struct told *t, const struct leaves *a, const struct leaves *b)
{
    for (size_t i = 0, k = 0; i < a->count || k < b->count;) {
        const struct leaf *x = i < a->count ? &a->list[i] : NULL, *y = k < b->count ? &b->list[k] : NULL;
        int d = !x ? 1 : !y ? -1 : strcmp(x->path, y->path);
        if (x && y && d == 0 && x->copy != y->copy)
            d = x->copy < y->copy ? -1 : 1;
        if (d < 0) {
            i += field_alone(t, 0, a, i, b);
        } else if (d > 0) {
            k += field_alone(t, 1, b, k, a);
        } else {
            if (x && y && !same_value(a, x, b, y))
                field_changed(t, a, x, b, y);
            i++;
            k++;
        }
    }
}

static void message_differs(struct wt_pair *p, const struct wt_seen_message *a, const struct wt_seen_message *b)
{
    char room[64];
    struct leaves x, y = {.count = 0};
    struct told t = {p, {a, b}, type_of(a, room), 0};
    placed(&t,
           wt_pair_say(p, WT_DIFFERENCE_MESSAGE_REWRITTEN, a->from,
                       a->content_type == WT_CONTENT_HANDSHAKE
                           ? _("The %s's %s differs: %zu bytes in packet %" PRIu32 " of A, %zu bytes in packet %" PRIu32
                               " of B. A middlebox between A and B rewrote it. The Finished messages cover it, so the "
                               "handshake must fail (RFC 8446, 4.4.4; RFC 5246, 7.4.9).")
                           : _("The %s's %s differs: %zu bytes in packet %" PRIu32 " of A, %zu bytes in packet %" PRIu32
                               " of B. A middlebox between A and B rewrote it."),
                       wt_pair_side_name(a->from), t.type, a->body.n, a->frame, b->body.n, b->frame));
    const bool both = leaves_of(&x, a) && leaves_of(&y, b), whole = both && !x.trail.lost && !y.trail.lost;
    if (whole) /* of fields that were not kept it is not known whether they are there */
        fields(&t, &x, &y);
    leaves_free(&x);
    leaves_free(&y);
    if (whole && t.fields == 0 && a->content_type == WT_CONTENT_HANDSHAKE)
        (void)wt_pair_say(p, WT_DIFFERENCE_FIELD_CHANGED, a->from,
                          _("This %s has the same fields in a different order."), t.type);
    if (!whole || t.fields > FIELDS)
        p->out->cut = true;
}

/* --- all of a side ------------------------------------------------------------------------------------------------ */

/* A capture that began late, was cut, or missed packets lacks messages without anybody having taken them out. */
static bool is_whole(const struct wt_pair *p, unsigned capture, unsigned side)
{
    const struct wt_seen_stream *s = wt_pair_stream(p, capture, side);
    bool begins = s->reference == p->origin[capture][side] && (s->kept.count == 0 || s->kept.list[0].from == 0);
    return begins && s->cut == 0 && s->kept.count <= 1 && !p->seen[capture]->cut && !p->seen[capture]->tls->cut;
}

static const struct wt_seen_message *next_of(const struct wt_seen_tls *t, unsigned side, size_t *at)
{
    while (*at < t->count)
        if (t->messages[(*at)++].from == side)
            return &t->messages[*at - 1];
    return NULL;
}

/* Why the other capture may lack a message that this one has in a packet: it was not running, or it missed the bytes
 * (later ones it has), unless they were sent again and again. That is said of the streams. */
static bool is_capture_s_fault(const struct wt_pair *p, unsigned capture, const struct wt_seen_message *m)
{
    const struct wt_seen_stream *there = wt_pair_stream(p, 1 - capture, m->from);
    const struct wt_conversation_seen *v = p->seen[capture];
    uint32_t end = there->passed.count ? there->passed.list[there->passed.count - 1].to : 0;
    for (uint32_t i = 0; i < v->count; i++) {
        const struct wt_seen_segment *s = &v->segments[i];
        if (s->frame == m->frame)
            return !wt_pair_was_running(p, capture, s->ns) ||
                   (there->reached > end &&
                    wt_pair_times_seen(p, capture, m->from, wt_pair_offset(p, capture, m->from, s->sequence)) < 2);
    }
    return there->reached > end;
}

static void lonely(struct wt_pair *p, unsigned capture, const struct wt_seen_message *m)
{
    char room[64];
    if (is_capture_s_fault(p, capture, m))
        return;
    struct wt_compare_difference *d =
        wt_pair_say(p, WT_DIFFERENCE_MESSAGE_MISSING, m->from,
                    _("The %s's %s (packet %" PRIu32 " in %s) is missing from %s."), wt_pair_side_name(m->from),
                    type_of(m, room), m->frame, wt_pair_capture_name(capture), wt_pair_capture_name(1 - capture));
    d->frame[capture] = m->frame;
}

static bool same_kind(const struct wt_seen_message *a, const struct wt_seen_message *b)
{
    return a->from == b->from && a->content_type == b->content_type && a->type == b->type;
}

/* The only one of its kind that a capture has; NULL when it has none or several. */
static const struct wt_seen_message *only(const struct wt_seen_tls *t, const struct wt_seen_message *as)
{
    const struct wt_seen_message *one = NULL;
    for (size_t i = 0; i < t->count; i++) {
        if (!same_kind(&t->messages[i], as))
            continue;
        if (one)
            return NULL;
        one = &t->messages[i];
    }
    return one;
}

/* Where messages may be wanting the order says nothing: those are compared of which each capture has but one. */
static void side_parts(struct wt_pair *p, unsigned side)
{
    const struct wt_seen_message *a;
    for (size_t at = 0; (a = next_of(p->seen[0]->tls, side, &at)) != NULL;) {
        const struct wt_seen_message *b = only(p->seen[1]->tls, a);
        if (b && only(p->seen[0]->tls, a) && !wt_span_equal(a->body, b->body))
            message_differs(p, a, b);
    }
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
        if (!same_kind(a, b)) {
            lonely(p, 0, a);
            lonely(p, 1, b);
            return; /* from here on these are two accounts */
        }
        if (!wt_span_equal(a->body, b->body))
            message_differs(p, a, b);
    }
}

/* --- two connections ---------------------------------------------------------------------------------------------- */

static bool other_random(const struct wt_pair *p, unsigned hello)
{
    const struct wt_seen_tls *a = p->seen[0]->tls, *b = p->seen[1]->tls;
    return a->has_random[hello] && b->has_random[hello] && memcmp(a->random[hello], b->random[hello], 32) != 0;
}

/* Each leg has ends of its own: what they have in common is the name, the time and, where it was seen, the
 * certificates. */
static struct wt_compare_difference *say_legs(struct wt_pair *p)
{
    const struct wt_compare_seen *a = &p->out->seen[0], *b = &p->out->seen[1];
    const struct wt_seen_tls *x = p->seen[0]->tls, *y = p->seen[1]->tls;
    char ip[4][46], name[256];
    struct wt_compare_difference *d;
    wt_printable_into(name, sizeof name, x->sni);
    for (unsigned side = 0; side < 2; side++) {
        (void)wt_address_format(side ? &b->client : &a->client, ip[2 * side]);
        (void)wt_address_format(side ? &b->server : &a->server, ip[2 * side + 1]);
    }
    if (x->issuer.n && y->issuer.n)
        d = wt_pair_say(
            p, WT_DIFFERENCE_TLS_ENDED_BETWEEN, 2,
            _("TLS is terminated between A (%s to %s) and B (%s to %s): both connections ask for %s at the "
              "same time, with other randoms, and the server's certificate is issued by %s in A, by %s in B. "
              "A middlebox opens its own TLS connection, as an inspecting proxy, a load balancer or "
              "antivirus software does. Read each capture separately."),
            ip[0], ip[1], ip[2], ip[3], name, (const char *)x->issuer.p, (const char *)y->issuer.p);
    else
        d = wt_pair_say(
            p, WT_DIFFERENCE_TLS_ENDED_BETWEEN, 2,
            _("TLS is probably terminated between A (%s to %s) and B (%s to %s): both connections ask for %s "
              "at the same time, with other randoms, and one host is the server of the one and the client "
              "of the other. A middlebox opens its own TLS connection, as an inspecting proxy, a load "
              "balancer or antivirus software does. Read each capture separately."),
            ip[0], ip[1], ip[2], ip[3], name);
    return d;
}

/* Whoever changes a random breaks TLS at once: where both hellos have others and both sides go on, each capture shows a
 * connection of its own. */
static bool told_as_two(struct wt_pair *p)
{
    char random[2][17];
    const bool legs = p->seen[0]->match == WT_MATCH_NAME; /* whether or not the servers have answered */
    if (!legs && (!other_random(p, WT_CLIENT) || !other_random(p, WT_SERVER)))
        return false;
    for (unsigned k = 0; k < 2; k++)
        for (unsigned i = 0; i < 8; i++)
            (void)snprintf(random[k] + 2 * i, 3, "%02x", p->seen[k]->tls->random[WT_CLIENT][i]);
    struct wt_compare_difference *d =
        p->seen[0]->match == WT_MATCH_NAME
            ? say_legs(p)
            : wt_pair_say(p, WT_DIFFERENCE_TLS_ENDED_BETWEEN, 2,
                          _("A and B show two different TLS connections: the randoms of both hellos differ (the "
                            "ClientHello's starts "
                            "with %s in A, with %s in B). A middlebox terminates TLS and opens its own TLS connection "
                            "to the other side, "
                            "as an inspecting proxy, a load balancer or antivirus software does: the certificate, "
                            "version and cipher "
                            "suite that the client sees may not be the server's. Read each capture separately."),
                          random[0], random[1]);
    /* by addresses alone it may be another connection of the same ports */
    d->probable =
        p->seen[0]->match == WT_MATCH_ENDS || (legs && !(p->seen[0]->tls->issuer.n && p->seen[1]->tls->issuer.n));
    for (unsigned k = 0; k < 2; k++)
        for (size_t i = 0; i < p->seen[k]->tls->count && !d->frame[k]; i++)
            if (p->seen[k]->tls->messages[i].from == WT_CLIENT)
                d->frame[k] = p->seen[k]->tls->messages[i].frame;
    return true;
}

void wt_pair_messages(struct wt_pair *p)
{
    if (!p->seen[0]->tls || !p->seen[1]->tls)
        return; /* what one capture lacks is reported for the streams */
    p->out->cut = p->out->cut || p->seen[0]->tls->cut || p->seen[1]->tls->cut;
    p->two = told_as_two(p);
    for (unsigned side = 0; side < 2 && !p->two; side++) {
        if (is_whole(p, 0, side) && is_whole(p, 1, side))
            side_messages(p, side);
        else
            side_parts(p, side);
    }
}
