/* The fields of a message, one by one, from the trail that the codec leaves: name, value, and what it means. */
#include "report/explain/fields.h"

#include "base/memory.h"
#include "codec/datagram_fields.h"
#include "codec/der_fields.h"
#include "registry/limits.h"
#include "registry/registry.h"
#include "report/explain/explain.h"
#include "report/explain/here.h"
#include "report/explain/suite.h"
#include "report/explain/tables.h"
#include "report/fields.h"
#include "report/text/names.h"
#include "report/text/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define VALUE_AT 30u     /* column at which values begin, next to short names */
#define DEEPEST 10u      /* levels that are indented */
#define BYTES_SHOWN 48u  /* bytes of a value that are shown without --bytes */
#define BYTES_MOST 8192u /* and with it */
#define BYTES_OF_PARTS 16u

struct walk {
    struct wt_text *x;
    const struct wt_message *m;
    const struct wt_trail *trail;
    struct wt_field_walk at; /* the message, or the extension that we are in */
    bool again;              /* meanings were explained before */
    bool extension_again;
    size_t certificates; /* cert_data so far */
    bool der;            /* inside a certificate or what else is in DER */
    bool datagram;       /* in a packet: each meaning is told once */
};

static unsigned indent_of(const struct wt_trail_event *e)
{
    unsigned depth = e->depth < DEEPEST ? e->depth : DEEPEST;
    return WT_EXPLAIN_FIELD + 2 * depth;
}

static void hex_words(struct wt_buffer *b, struct wt_span bytes, unsigned most)
{
    for (size_t i = 0; i < bytes.n && i < most; i++)
        (void)wt_buffer_format(b, "%s%02x", i && i % 8 == 0 ? " " : "", bytes.p[i]);
    if (bytes.n > most)
        (void)wt_buffer_add_text(b, " …");
}

/* Itself, or one of its parts. */
static bool holds_application(const struct walk *k, const struct wt_trail_event *e)
{
    const size_t at = (size_t)(e - k->trail->events);
    for (size_t i = at; at < k->trail->n && i < wt_trail_next(k->trail, at); i++)
        if (wt_datagram_is_application(&k->trail->events[i]))
            return true;
    return false;
}

/* With --bytes: the field's own bytes, its length prefix in brackets. Of a field whose parts follow, the first. */
static void raw(struct walk *k, const struct wt_trail_event *e, bool parts)
{
    const unsigned indent = indent_of(e);
    struct wt_term *t = &k->x->term;
    struct wt_buffer b = {0};
    struct wt_span prefix, bytes;
    if (!k->x->options->bytes || e->offset < e->prefix ||
        (k->datagram && !k->x->options->secrets && holds_application(k, e)))
        return;
    prefix = wt_span_cut(k->m->body, e->offset - e->prefix, e->prefix);
    bytes = wt_span_cut(k->m->body, e->offset, e->length);
    if (prefix.n) {
        (void)wt_buffer_add_char(&b, '[');
        hex_words(&b, prefix, 8);
        (void)wt_buffer_add_text(&b, "] ");
    }
    hex_words(&b, bytes, parts ? BYTES_OF_PARTS : BYTES_MOST);
    (void)wt_buffer_format(&b, "  @%" PRIu32, e->offset - e->prefix);
    (void)wt_buffer_add_char(&b, 0);
    wt_term_style(t, WT_STYLE_DIM);
    wt_term_paragraph(t, indent + 2, k->x->prose, b.failed ? "" : (const char *)b.p);
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_buffer_free(&b);
}

/* RFC 5280, 4.2.1.3: "keyCertSign, cRLSign". The first bit is the highest. */
static void key_usage(struct wt_buffer *b, struct wt_span bits)
{
    const char *name, *separator = "";
    for (unsigned i = 0; i / 8 < bits.n && (name = wt_der_key_usage(i)); i++) {
        if (!(bits.p[i / 8] & 0x80u >> i % 8))
            continue;
        (void)wt_buffer_format(b, "%s%s", separator, name);
        separator = ", ";
    }
}

/* "2.5.29.15 X509v3 Key Usage" */
static void oid(struct wt_buffer *b, struct wt_span contents)
{
    char room[WT_FIELDS_OID];
    const char *name;
    (void)wt_buffer_add_text(b, wt_fields_oid(contents, room, &name));
    if (name)
        (void)wt_buffer_format(b, *room ? " %s" : "%s", name);
}

static void value(struct walk *k, const struct wt_trail_event *e, struct wt_buffer *b)
{
    struct wt_text *x = k->x;
    struct wt_span bytes = wt_span_cut(k->m->body, e->offset, e->length);
    const char *name;
    switch (e->form) {
    case WT_TRAIL_NUMBER:
        (void)wt_buffer_format(b, "%" PRIu64, e->value);
        break;
    case WT_TRAIL_CODE:
        name = wt_registry_name((enum wt_registry)e->kind, e->value);
        (void)wt_buffer_format(b, "0x%0*" PRIx64 "%s%s", (int)e->length * 2, e->value, name ? " " : "",
                               name ? name : "");
        if (e->kind == WT_REG_CIPHER_SUITE && (name = wt_explain_suite_brief(x, (uint16_t)e->value)))
            (void)wt_buffer_format(b, "  %s", name);
        break;
    case WT_TRAIL_TEXT:
        (void)wt_buffer_add_text(b, wt_text_wire(x, bytes, 200));
        break;
    case WT_TRAIL_OID:
        oid(b, bytes);
        break;
    default:
        if (k->der && strcmp(e->field, "keyUsage") == 0) {
            key_usage(b, bytes);
        } else if (bytes.n == 0) {
            (void)wt_buffer_add_text(b, _("empty"));
        } else if (k->datagram && !x->options->secrets && wt_datagram_is_application(e)) {
            (void)wt_buffer_format(b, ngettext_("%zu byte", "%zu bytes", bytes.n), bytes.n);
        } else if (!x->options->bytes) {
            hex_words(b, bytes, BYTES_SHOWN);
            if (bytes.n > 4)
                (void)wt_buffer_format(b, ngettext_("  (%zu byte)", "  (%zu bytes)", bytes.n), bytes.n);
        } else {
            (void)wt_buffer_format(b, ngettext_("%zu byte", "%zu bytes", bytes.n), bytes.n);
        }
    }
}

static void name_column(struct walk *k, const struct wt_trail_event *e, const char *name)
{
    struct wt_term *t = &k->x->term;
    wt_term_to(t, indent_of(e));
    wt_term_style(t, WT_STYLE_CLIENT);
    wt_term_text(t, name);
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_text(t, "  ");
    wt_term_to(t, VALUE_AT);
}

/* The meaning of a packet's field was told before; it is from now on. */
static bool told_before(struct wt_text *x, const char *text)
{
    const unsigned most = sizeof x->told_fields / sizeof *x->told_fields;
    for (unsigned i = 0; i < x->told_field_count; i++)
        if (x->told_fields[i] == text)
            return true;
    if (x->told_field_count < most)
        x->told_fields[x->told_field_count++] = text;
    return false;
}

static void note(struct walk *k, const struct wt_trail_event *e, bool repeated)
{
    const enum wt_explain_topic topic = wt_explain_topic(k->at.where, e->field);
    const size_t nth = topic == WT_TOPIC_CERTIFICATE ? k->certificates++ : 0;
    const char *here = wt_explain_here(k->x, k->m, topic, e, nth);
    bool again = repeated || k->again || (k->at.where != k->at.whole && k->extension_again);
    const char *text = here || again ? NULL : wt_explain_field(k->at.where, e->field);
    if (k->datagram && text && told_before(k->x, text))
        return;
    if (here || text)
        wt_explain_say(k->x, indent_of(e) + 2, here ? here : _(text));
}

static void inside(struct walk *k, const struct wt_trail_event *e, const struct wt_fields_held *held);

static void scalar(struct walk *k, const struct wt_trail_event *e, bool told, bool parts)
{
    struct wt_buffer b = {0};
    name_column(k, e, e->field);
    value(k, e, &b);
    (void)wt_buffer_add_char(&b, 0);
    wt_term_wrap(&k->x->term, VALUE_AT < k->x->prose / 2 ? VALUE_AT : indent_of(e) + 2, k->x->prose,
                 b.failed ? "" : (const char *)b.p);
    wt_term_end(&k->x->term);
    wt_buffer_free(&b);
    const struct wt_fields_held *held = k->x->options->bytes && !k->der ? wt_fields_held(k->m, e) : NULL;
    raw(k, e, held || parts);
    note(k, e, told);
    if (held)
        inside(k, e, held);
}

/* Code points in a row of their own kind: listed in one paragraph, but suites one by one, taken apart. */
static bool plain_list(const struct wt_trail *t, size_t first, size_t end)
{
    for (size_t i = first; i < end; i++)
        if ((t->events[i].form != WT_TRAIL_CODE && t->events[i].form != WT_TRAIL_TEXT) ||
            t->events[i].kind == WT_REG_CIPHER_SUITE || t->events[i].depth != t->events[first].depth)
            return false;
    return first < end;
}

static void list_in_line(struct walk *k, const struct wt_trail_event *e, size_t first, size_t end)
{
    struct wt_buffer b = {0};
    name_column(k, e, e->field);
    for (size_t i = first; i < end; i++) {
        const struct wt_trail_event *one = &k->trail->events[i];
        if (i > first)
            (void)wt_buffer_add_text(&b, _(", "));
        if (one->form == WT_TRAIL_CODE)
            (void)wt_buffer_add_text(&b, wt_text_name(k->x, (enum wt_registry)one->kind, one->value));
        else
            (void)wt_buffer_add_text(&b, wt_text_wire(k->x, wt_span_cut(k->m->body, one->offset, one->length), 80));
    }
    (void)wt_buffer_add_char(&b, 0);
    wt_term_wrap(&k->x->term, VALUE_AT, k->x->prose, b.failed ? "" : (const char *)b.p);
    wt_term_end(&k->x->term);
    wt_buffer_free(&b);
    raw(k, e, false);
    note(k, e, false);
}

/* Suites: "0xc02f TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256" and below it the four parts. */
static void suite(struct walk *k, const struct wt_trail_event *e)
{
    struct wt_term *t = &k->x->term;
    const char *brief = wt_explain_suite_brief(k->x, (uint16_t)e->value);
    wt_term_to(t, indent_of(e));
    wt_term_format(t, "0x%04x  %s", (unsigned)e->value, wt_text_name(k->x, WT_REG_CIPHER_SUITE, e->value));
    if (brief) {
        unsigned column = indent_of(e) + 54;
        wt_term_style(t, WT_STYLE_DIM);
        if (column + wt_width(brief) > t->columns || t->at + 1 > column) {
            wt_term_end(t);
            column = indent_of(e) + 8;
        }
        wt_term_to(t, column);
        wt_term_text(t, brief);
        wt_term_style(t, WT_STYLE_PLAIN);
    }
    wt_term_end(t);
    const char *signal = wt_explain_scsv(k->x, k->m, (uint16_t)e->value);
    if (signal)
        wt_explain_say(k->x, indent_of(e) + 8, signal);
}

/* What begins with an OID is named after it: an extension, an attribute of a name, an algorithm. */
static void kind(struct walk *k, size_t i, size_t end)
{
    const struct wt_trail_event *e = &k->trail->events[i], *first = e + 1;
    struct wt_buffer b = {0};
    if (i + 1 >= end || e->form != WT_TRAIL_STRUCT || first->form != WT_TRAIL_OID || first->depth != e->depth + 1)
        return;
    oid(&b, wt_span_cut(k->m->body, first->offset, first->length));
    if (wt_buffer_add_char(&b, 0)) {
        wt_term_text(&k->x->term, "  ");
        wt_term_text(&k->x->term, (const char *)b.p);
    }
    wt_buffer_free(&b);
}

static void opened(struct walk *k, size_t i)
{
    const struct wt_trail_event *e = &k->trail->events[i];
    char line[96];
    size_t n = 0, end = wt_trail_next(k->trail, i);
    for (size_t j = i + 1; j < end; j++)
        n += k->trail->events[j].depth == e->depth + 1;
    name_column(k, e, e->field);
    if (e->form == WT_TRAIL_LIST && n == 0)
        (void)snprintf(line, sizeof line, "%s", _("empty"));
    else if (e->form == WT_TRAIL_LIST)
        (void)snprintf(line, sizeof line,
                       ngettext_("%zu entry, %" PRIu32 " bytes", "%zu entries, %" PRIu32 " bytes", n), n, e->length);
    else
        (void)snprintf(line, sizeof line, ngettext_("%" PRIu32 " byte", "%" PRIu32 " bytes", e->length), e->length);
    wt_term_text(&k->x->term, line);
    kind(k, i, end);
    wt_term_end(&k->x->term);
    raw(k, e, true);
    note(k, e, false);
}

/* The head of one extension: its name and what it is for. Returns the index of its body. */
static size_t extension(struct walk *k, size_t i)
{
    const struct wt_trail_event *e = &k->trail->events[i];
    struct wt_term *t = &k->x->term;
    const uint16_t id = k->at.extension;
    const struct wt_extension_info *info = wt_extension_find(id);
    struct wt_buffer b = {0};
    wt_term_to(t, indent_of(e));
    wt_term_style(t, WT_STYLE_BOLD);
    wt_term_text(t, wt_text_name(k->x, WT_REG_EXTENSION, id));
    wt_term_style(t, WT_STYLE_PLAIN);
    wt_term_format(t, info ? "  (%u)" : "  (0x%04x)", id);
    wt_term_end(t);
    uint8_t *told = &k->x->told_extension[id / 8], bit = (uint8_t)(1u << id % 8);
    k->extension_again = *told & bit;
    *told |= bit;
    const char *text = wt_explain_extension(id);
    (void)wt_buffer_add_text(&b, text ? _(text) : _("Unknown: not in any registry."));
    if (info)
        (void)wt_buffer_format(&b, _(" (%s)"), info->rfc);
    (void)wt_buffer_add_char(&b, 0);
    if (!k->extension_again)
        wt_explain_say(k->x, indent_of(e) + 2, b.failed ? "" : (const char *)b.p);
    wt_buffer_free(&b);
    raw(k, e, true);
    i += 2;
    /* a decoded body's own line would only repeat its length */
    if (i < k->trail->n && k->trail->events[i].form == WT_TRAIL_STRUCT && k->trail->events[i].kind == WT_REG_EXTENSION)
        i++;
    else if (i < k->trail->n && k->trail->events[i].length == 0)
        i++;
    return i;
}

static size_t step(struct walk *k, size_t i, bool *repeated)
{
    const struct wt_trail_event *e = &k->trail->events[i];
    size_t end = wt_trail_next(k->trail, i);
    if (wt_field_walk_to(&k->at, i))
        return extension(k, i);
    if (e->form == WT_TRAIL_STRUCT && strcmp(e->field, "extension") == 0)
        return i + 1; /* cut before its id */
    if (e->form == WT_TRAIL_LIST && !k->der && plain_list(k->trail, i + 1, end)) {
        list_in_line(k, e, i + 1, end);
        return end;
    }
    if (e->form == WT_TRAIL_LIST || e->form == WT_TRAIL_STRUCT) {
        opened(k, i);
        return i + 1;
    }
    if (e->form == WT_TRAIL_CODE && e->kind == WT_REG_CIPHER_SUITE && e->depth > 0)
        suite(k, e);
    else
        scalar(k, e, *repeated, end > i + 1);
    /* the next element of a list needs no second note */
    *repeated = i + 1 < k->trail->n && strcmp(k->trail->events[i + 1].field, e->field) == 0;
    return i + 1;
}

/* All fields, and where and why reading ended early. */
static void walk(struct walk *k, const struct wt_error *error)
{
    bool repeated = false;
    for (size_t i = 0; i < k->trail->n && !k->x->term.output->failed;)
        i = step(k, i, &repeated);
    if (k->trail->lost) {
        char line[128];
        (void)snprintf(line, sizeof line, ngettext_("%zu more field", "%zu more fields", k->trail->lost),
                       k->trail->lost);
        wt_explain_say(k->x, WT_EXPLAIN_FIELD, line);
    }
    if (error->code != WT_OK) {
        char text[400];
        (void)wt_error_format(error, text, sizeof text);
        wt_term_style(&k->x->term, WT_STYLE_WARN);
        wt_explain_say(k->x, WT_EXPLAIN_FIELD, wt_text_string(k->x, text, 250));
        wt_term_style(&k->x->term, WT_STYLE_PLAIN);
    }
}

/* With --bytes: the fields of what a field holds in DER. What is after damage is shown as bytes. */
static void inside(struct walk *k, const struct wt_trail_event *e, const struct wt_fields_held *held)
{
    struct wt_trail trail;
    struct wt_error error;
    const size_t end = (size_t)e->offset + e->length;
    bool again = k->again || strcmp(e->field, "cert_data") != 0 || k->certificates > 1;
    struct walk in = {k->x, k->m, &trail, {&trail, held->whole, held->whole, 0, 0}, again, false, 0, true};
    if (!wt_fields_decode_held(held, k->m, e, &trail, &error))
        return;
    walk(&in, &error);
    if (error.code != WT_OK && error.offset >= e->offset && error.offset < end)
        scalar(&in,
               &(struct wt_trail_event){.field = _("not decoded"),
                                        .offset = (uint32_t)error.offset,
                                        .length = (uint32_t)(end - error.offset),
                                        .depth = (uint8_t)(e->depth + 1),
                                        .form = WT_TRAIL_BYTES},
               true, false);
    free(trail.events);
}

void wt_explain_fields(struct wt_text *x, const struct wt_message *m, bool again)
{
    struct wt_trail trail;
    struct wt_error error;
    const char *place = wt_fields_place(m);
    struct walk k = {.x = x, .m = m, .trail = &trail, .at = {&trail, place, place, 0, 0}, .again = again};
    if (m->body.n == 0 || !wt_fields_room(&trail, m->body.n))
        return;
    wt_fields_decode(m, &trail, NULL, &error);
    walk(&k, &error);
    free(trail.events);
}

void wt_explain_datagram_fields(struct wt_text *x, const char *place, struct wt_span bytes,
                                const struct wt_trail *trail, const struct wt_error *error)
{
    const struct wt_message as_message = {.body = bytes};
    struct walk k = {.x = x, .m = &as_message, .trail = trail, .at = {trail, place, place, 0, 0}, .datagram = true};
    walk(&k, error);
}
