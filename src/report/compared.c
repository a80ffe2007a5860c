/* What two captures of a connection have to say about each other: for people and for programs. */
#include "base/options.h"
#include "report/json/writer.h"
#include "report/text/names.h"
#include "report/text/text.h"
#include "report/text/words.h"
#include "story/words.h"
#include "wiretale/compare.h"

#include <inttypes.h>
#include <stdio.h>

/* --- JSON --------------------------------------------------------------------------------------------------------- */

static void seconds(struct wt_json *j, const char *key, int64_t ns)
{
    wt_json_key_of(j, key, strlen(key));
    wt_json_seconds(j, ns, 9);
}

static void address(struct wt_json *j, const char *key, const struct wt_address *a)
{
    char text[46];
    wt_json_key_of(j, key, strlen(key));
    wt_json_open(j, '{');
    wt_json_member_text(j, "ip", wt_address_format(a, text));
    wt_json_member_number(j, "port", a->port);
    wt_json_close(j, '}');
}

static void by_side(struct wt_json *j, const char *key, uint64_t client, uint64_t server)
{
    if (!client && !server)
        return;
    wt_json_key_of(j, key, strlen(key));
    wt_json_open(j, '{');
    if (client)
        wt_json_member_number(j, "client", client);
    if (server)
        wt_json_member_number(j, "server", server);
    wt_json_close(j, '}');
}

static void seen(struct wt_json *j, const char *key, const struct wt_compare_seen *s)
{
    if (!s->present)
        return;
    wt_json_key_of(j, key, strlen(key));
    wt_json_open(j, '{');
    if (s->tls)
        wt_json_member_number(j, "stream", s->stream);
    address(j, "client", &s->client);
    address(j, "server", &s->server);
    wt_json_member_number(j, "first_frame", s->first_frame);
    wt_json_member_number(j, "last_frame", s->last_frame);
    wt_json_member_number(j, "segments", s->segments);
    by_side(j, "bytes", s->bytes[WT_CLIENT], s->bytes[WT_SERVER]);
    by_side(j, "ttl", s->ttl[WT_CLIENT], s->ttl[WT_SERVER]);
    by_side(j, "mss", s->mss[WT_CLIENT], s->mss[WT_SERVER]);
    if (s->round_trip >= 0)
        seconds(j, "round_trip", s->round_trip);
    wt_json_close(j, '}');
}

static void frame(struct wt_json *j, const char *key, uint32_t value)
{
    if (value)
        wt_json_member_number(j, key, value);
}

static void difference(struct wt_json *j, const struct wt_compare_difference *d)
{
    wt_json_open(j, '{');
    static const char *const severities[] = {"notice", "warning", "error", "fatal"};
    wt_json_member_text(j, "id", d->id);
    wt_json_member_text(j, "severity", severities[d->severity]);
    if (d->from < 2)
        wt_json_member_text(j, "from", wt_words_side(d->from));
    frame(j, "frame_a", d->frame[0]);
    frame(j, "frame_b", d->frame[1]);
    if (d->has_range) {
        wt_json_member_number(j, "offset", d->offset);
        wt_json_member_number(j, "length", d->length);
    }
    if (d->probable) {
        wt_json_key(j, "probable");
        wt_json_bool(j, true);
    }
    wt_json_member_text(j, "text", d->text);
    wt_json_close(j, '}');
}

void wt_report_json_compared(struct wt_output *output, const struct wt_compared *c)
{
    static const char *const matches[] = {[WT_MATCH_NONE] = NULL,        [WT_MATCH_RANDOMS] = "randoms",
                                          [WT_MATCH_RANDOM] = "random",  [WT_MATCH_SEQUENCE] = "sequence_numbers",
                                          [WT_MATCH_ENDS] = "addresses", [WT_MATCH_NAME] = "server_name"};
    struct wt_json j;
    wt_json_start(&j, output);
    wt_json_open(&j, '{');
    wt_json_member_text(&j, "type", "comparison");
    if (c->sni.n) {
        wt_json_key(&j, "sni");
        wt_json_wire(&j, c->sni);
    }
    wt_json_member_text(&j, "matched_by", matches[c->match]);
    if (c->near != WT_COMPARE_NEAR_UNKNOWN)
        wt_json_member_text(&j, "nearer_to_client", c->near == WT_COMPARE_NEAR_A ? "a" : "b");
    seen(&j, "a", &c->seen[0]);
    seen(&j, "b", &c->seen[1]);
    if (c->between >= 0)
        seconds(&j, "round_trip_between", c->between);
    if (c->has_clock) {
        seconds(&j, "clock_of_b_ahead", c->clock);
        seconds(&j, "clock_error", c->clock_error);
    }
    if (c->cut) {
        wt_json_key(&j, "cut");
        wt_json_bool(&j, true);
    }
    if (c->unaligned[WT_CLIENT] || c->unaligned[WT_SERVER]) {
        wt_json_key(&j, "not_aligned");
        wt_json_open(&j, '[');
        for (unsigned side = 0; side < 2; side++)
            if (c->unaligned[side])
                wt_json_text(&j, wt_words_side(side));
        wt_json_close(&j, ']');
    }
    wt_json_key(&j, "differences");
    wt_json_open(&j, '[');
    for (size_t i = 0; i < c->difference_count; i++)
        difference(&j, &c->differences[i]);
    wt_json_close(&j, ']');
    wt_json_close(&j, '}');
    wt_json_line(&j);
}

/* The captures as this library knows them. */
static bool take(struct wt_output *output, struct wt_compare_overview *known, const struct wt_compare_overview **o)
{
    if (!wt_options_take(known, sizeof *known, *o, NULL)) {
        output->failed = true;
        return false;
    }
    *o = known;
    return true;
}

void wt_report_json_compare_end(struct wt_output *output, const struct wt_compare_overview *o)
{
    struct wt_compare_overview own;
    if (!take(output, &own, &o))
        return;
    static const char *const keys[] = {"a", "b"};
    struct wt_json j;
    wt_json_start(&j, output);
    wt_json_open(&j, '{');
    wt_json_member_text(&j, "type", "comparison_summary");
    for (unsigned k = 0; k < 2; k++) {
        wt_json_key_of(&j, keys[k], 1);
        wt_json_open(&j, '{');
        wt_json_member_text(&j, "file", o->file[k]);
        wt_json_member_number(&j, "packets", o->packets[k]);
        wt_json_member_number(&j, "alone", o->alone[k]);
        wt_json_close(&j, '}');
    }
    wt_json_member_number(&j, "both", o->both);
    wt_json_member_number(&j, "different", o->different);
    if (o->left_out)
        wt_json_member_number(&j, "packets_left_out", o->left_out);
    wt_json_close(&j, '}');
    wt_json_line(&j);
}

/* --- text --------------------------------------------------------------------------------------------------------- */

#define NAME_AT 3u
#define TEXT_AT 6u

static void styled(struct wt_text *x, enum wt_style style, const char *text)
{
    wt_term_style(&x->term, style);
    wt_term_text(&x->term, text);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
}

static void place(struct wt_text *x, const char *name, const struct wt_compare_seen *s)
{
    struct wt_term *t = &x->term;
    char a[48];
    if (!s->present)
        return;
    wt_term_to(t, NAME_AT);
    styled(x, WT_STYLE_BOLD, name);
    wt_term_to(t, TEXT_AT);
    styled(x, WT_STYLE_CLIENT, wt_text_address(x, &s->client));
    wt_term_text(t, " → ");
    styled(x, WT_STYLE_SERVER, wt_text_address(x, &s->server));
    wt_term_end(t);
    wt_words_clear(x);
    if (s->tls)
        wt_words_add(x, _("stream %" PRIu32), s->stream);
    else
        wt_words_add(x, "%s", _("no TLS found"));
    wt_words_add(x, _("packets %" PRIu32 " to %" PRIu32), s->first_frame, s->last_frame);
    if (s->ttl[WT_CLIENT] && s->ttl[WT_SERVER])
        wt_words_add(x, _("TTL: client %u, server %u"), s->ttl[WT_CLIENT], s->ttl[WT_SERVER]);
    if (s->round_trip >= 0)
        wt_words_add(x, _("round trip to the server %s"), wt_duration(a, s->round_trip));
    wt_term_style(t, WT_STYLE_DIM);
    wt_term_paragraph(t, TEXT_AT, x->prose, wt_words_get(x));
    wt_term_style(t, WT_STYLE_PLAIN);
}

static void hops(struct wt_text *x, const struct wt_compared *c)
{
    const struct wt_compare_seen *a = &c->seen[0], *b = &c->seen[1];
    for (unsigned side = 0; side < 2; side++) {
        int apart = (int)a->ttl[side] - b->ttl[side];
        if (a->ttl[side] && b->ttl[side] && apart) {
            unsigned n = (unsigned)(apart < 0 ? -apart : apart);
            wt_words_add(
                x,
                side == WT_CLIENT
                    ? ngettext_("client's packets crossed %u router", "client's packets crossed %u routers", n)
                    : ngettext_("server's packets crossed %u router", "server's packets crossed %u routers", n),
                n);
        }
    }
}

static void clocks(struct wt_text *x, const struct wt_compared *c)
{
    char a[48], b[48];
    bool behind = c->clock < 0;
    if (!c->has_clock)
        return;
    (void)wt_duration(a, behind ? -c->clock : c->clock);
    (void)wt_duration(b, c->clock_error);
    if (c->clock == 0)
        wt_words_add(x, _("clocks agree within %s"), b);
    else
        wt_words_add(x, behind ? _("B's clock is %s behind A's, ±%s") : _("B's clock is %s ahead of A's, ±%s"), a, b);
}

static void distance(struct wt_text *x, const struct wt_compared *c)
{
    char a[48];
    bool same = c->near == WT_COMPARE_NEAR_UNKNOWN && c->has_clock && c->clock == 0 && c->between == 0;
    wt_words_clear(x);
    if (same)
        wt_words_add(
            x, "%s",
            _("A and B have the same timestamps: the same capture twice, or two captures made at the same place"));
    else
        wt_words_add(x, "%s",
                     c->near == WT_COMPARE_NEAR_A ? _("A is closer to the client")
                     : c->near == WT_COMPARE_NEAR_B
                         ? _("B is closer to the client")
                         : _("neither TTLs nor times show which is closer to the client: assuming A"));
    if (c->between >= 0 && !same)
        wt_words_add(x, _("round trip between A and B %s"), wt_duration(a, c->between));
    hops(x, c);
    if (!same)
        clocks(x, c);
    wt_term_to(&x->term, TEXT_AT);
    wt_term_paragraph(&x->term, TEXT_AT, x->prose, wt_words_get(x));
}

static void one(struct wt_text *x, const struct wt_compare_difference *d)
{
    struct wt_term *t = &x->term;
    struct wt_buffer b = {0};
    wt_term_to(t, NAME_AT);
    enum wt_style style = d->severity == WT_NOTICE                   ? WT_STYLE_DIM
                          : d->severity == WT_WARNING || d->probable ? WT_STYLE_WARN
                                                                     : WT_STYLE_BAD;
    styled(x, style, t->ascii ? "*" : "•");
    wt_term_to(t, TEXT_AT);
    wt_escape(&b, wt_span_text(d->text), 2000, WT_ESCAPE_STRING | (t->ascii ? WT_ESCAPE_ASCII : 0));
    if (d->probable) {
        wt_term_style(t, WT_STYLE_WARN);
        wt_term_wrap(t, TEXT_AT, x->prose, _("probably: "));
        wt_term_style(t, WT_STYLE_PLAIN);
    }
    wt_term_wrap(t, TEXT_AT, x->prose, b.p ? (const char *)b.p : "");
    wt_term_end(t);
    wt_buffer_free(&b);
}

static void left_out(struct wt_text *x, const char *sentence)
{
    wt_term_style(&x->term, WT_STYLE_WARN);
    wt_term_paragraph(&x->term, TEXT_AT, x->prose, sentence);
    wt_term_style(&x->term, WT_STYLE_PLAIN);
}

void wt_report_text_compared(struct wt_output *output, const struct wt_compared *compared,
                             const struct wt_text_options *options)
{
    struct wt_text_options known;
    if (!wt_term_options(output, &known, &options))
        return;
    const struct wt_compared *c = compared;
    struct wt_text x = {.options = options};
    wt_term_start(&x.term, output, options);
    x.prose = x.term.columns < 110 ? x.term.columns : 110;
    if (c->sni.n) {
        styled(&x, WT_STYLE_BOLD, wt_text_wire(&x, c->sni, x.term.columns));
        wt_term_end(&x.term);
    }
    place(&x, "A", &c->seen[0]);
    place(&x, "B", &c->seen[1]);
    if (c->match != WT_MATCH_NONE)
        distance(&x, c);
    for (size_t i = 0; i < c->difference_count; i++)
        one(&x, &c->differences[i]);
    if (c->difference_count == 0) {
        wt_term_to(&x.term, TEXT_AT);
        styled(&x, WT_STYLE_GOOD,
               c->cut || c->unaligned[WT_CLIENT] || c->unaligned[WT_SERVER]
                   ? _("No differences except timing in what could be compared.")
                   : _("No differences except timing."));
        wt_term_end(&x.term);
    }
    for (unsigned side = 0; side < 2; side++)
        if (c->unaligned[side])
            left_out(&x, side == WT_CLIENT ? _("The client's stream was not compared: the captures start at different "
                                               "places in it, with different sequence numbers, and share no bytes.")
                                           : _("The server's stream was not compared: the captures start at different "
                                               "places in it, with different sequence numbers, and share no bytes."));
    if (c->cut)
        left_out(&x, _("Only partly compared: too much data, or packets were truncated by the capture."));
    wt_term_free(&x.term);
    wt_buffer_free(&x.words);
}

/* What a text about both captures is written with: options and overview as this library knows them. */
struct overview_text {
    struct wt_compare_overview overview;
    struct wt_text_options options;
    struct wt_text x;
};

static bool begin_overview(struct overview_text *t, struct wt_output *output, const struct wt_compare_overview *o,
                           const struct wt_text_options *options)
{
    if (!take(output, &t->overview, &o) || !wt_term_options(output, &t->options, &options))
        return false;
    t->x = (struct wt_text){.options = &t->options};
    wt_term_start(&t->x.term, output, &t->options);
    return true;
}

static void end_overview(struct overview_text *t)
{
    wt_term_free(&t->x.term);
    wt_buffer_free(&t->x.words);
}

void wt_report_text_compare_head(struct wt_output *output, const struct wt_compare_overview *o,
                                 const struct wt_text_options *options)
{
    struct overview_text t;
    struct wt_text *x = &t.x;
    if (!begin_overview(&t, output, o, options))
        return;
    for (unsigned k = 0; k < 2; k++) {
        styled(x, WT_STYLE_BOLD, k ? "B  " : "A  ");
        wt_words_clear(x);
        wt_words_add(x, "%s", wt_text_wire(x, wt_span_text(t.overview.file[k]), x->term.columns));
        wt_words_add(x, ngettext_("%" PRIu64 " packet", "%" PRIu64 " packets", (unsigned long)t.overview.packets[k]),
                     t.overview.packets[k]);
        wt_term_text(&x->term, wt_words_get(x));
        wt_term_end(&x->term);
    }
    wt_term_end(&x->term);
    end_overview(&t);
}

void wt_report_text_compare_end(struct wt_output *output, const struct wt_compare_overview *o,
                                const struct wt_text_options *options)
{
    struct overview_text t;
    struct wt_text *x = &t.x;
    if (!begin_overview(&t, output, o, options))
        return;
    o = &t.overview;
    x->prose = x->term.columns < 110 ? x->term.columns : 110;
    wt_words_clear(x);
    wt_words_add(x, _("connections in both captures: %" PRIu64), o->both);
    if (o->both)
        wt_words_add(x, _("different: %" PRIu64), o->different);
    if (o->alone[0])
        wt_words_add(x, _("only in A: %" PRIu64), o->alone[0]);
    if (o->alone[1])
        wt_words_add(x, _("only in B: %" PRIu64), o->alone[1]);
    wt_term_end(&x->term);
    wt_term_style(&x->term, o->both && o->different + o->alone[0] + o->alone[1] == 0 ? WT_STYLE_GOOD : WT_STYLE_BOLD);
    wt_term_paragraph(&x->term, 0, x->prose, wt_words_get(x));
    wt_term_style(&x->term, WT_STYLE_PLAIN);
    end_overview(&t);
}
