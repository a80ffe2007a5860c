/* What one connection is on the page. */
#include "report/page/detail.h"

#include "base/uninitialized.h"
#include "report/json/certificate.h"
#include "report/json/json.h"
#include "report/page/block.h"
#include "report/page/datagrams.h"
#include "report/page/messages.h"
#include "report/page/told.h"
#include "report/page/wire.h"
#include "story/words.h"

/* The facts of a certificate, which are read from its DER alone: that is known by its digest. */
static size_t facts(struct wt_page *p, const struct wt_certificate_facts *f)
{
    static const uint8_t none[sizeof f->sha256];
    struct wt_output output;
    struct wt_json j WT_UNINITIALIZED;
    bool is_new;
    if (memcmp(f->sha256, none, sizeof none) == 0) { /* without a digest it is known by what is said of it */
        wt_page_like_start(p, &j, &output);
        wt_json_certificate(&j, f);
        return wt_page_like_end(p, &j);
    }
    const size_t number =
        wt_page_values_enter(&p->values, WT_PAGE_CERTIFICATE, wt_span_of(f->sha256, sizeof f->sha256), &is_new);
    if (is_new) {
        wt_page_values_write(&p->values, &j, &output);
        wt_json_certificate(&j, f);
        wt_json_flush(&j);
    }
    return number;
}

static void certificates(struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    static const char *const keys[2] = {"client", "server"};
    wt_json_key(j, "certificates");
    wt_json_open(j, '{');
    for (unsigned side = 0; side < 2; side++) {
        if (!c->certificate_count[side])
            continue;
        wt_json_key_of(j, keys[side], strlen(keys[side]));
        wt_json_open(j, '[');
        for (size_t i = 0; i < c->certificate_count[side]; i++)
            wt_json_number(j, facts(p, c->certificates[side][i]));
        wt_json_close(j, ']');
    }
    wt_json_close(j, '}');
}

/* TLCP: what each of a side's certificates is for, null where nothing is said of that. */
static void roles(struct wt_json *j, const struct wt_connection *c)
{
    static const char *const keys[2] = {"client", "server"};
    if (c->protocol != WT_PROTOCOL_TLCP)
        return;
    wt_json_key(j, "roles");
    wt_json_open(j, '{');
    for (unsigned side = 0; side < 2; side++) {
        wt_json_key_of(j, keys[side], strlen(keys[side]));
        wt_json_open(j, '[');
        for (size_t i = 0; i < c->certificate_count[side]; i++) {
            const char *role = wt_words_role(c, side, i);
            if (role)
                wt_json_text(j, role);
            else
                wt_json_raw(j, wt_span_text("null"));
        }
        wt_json_close(j, ']');
    }
    wt_json_close(j, '}');
}

static void findings(struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "findings");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->finding_count; i++) {
        struct wt_output output;
        struct wt_json one WT_UNINITIALIZED;
        wt_page_like_start(p, &one, &output);
        wt_json_open(&one, '{');
        wt_json_finding(&one, c, &c->findings[i], 0);
        wt_json_close(&one, '}');
        wt_json_number(j, wt_page_like_end(p, &one));
        wt_json_number(j, c->findings[i].frame);
    }
    wt_json_close(j, ']');
}

/* The connection's line of JSON, as any program gets it, but for what has a member of its own here. */
static void story(struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    struct wt_output output;
    struct wt_json kind WT_UNINITIALIZED;
    wt_page_like_start(p, &kind, &output);
    wt_json_connection_kind(&kind, c);
    wt_json_member_number(j, "kind", wt_page_like_end(p, &kind));
    wt_json_key(j, "story");
    wt_json_connection_own(j, c, p->options.secrets);
}

/* As page/waits.js takes them: packet, nanoseconds since the story begins, side, number, bytes, flags, and the mark
 * where there is one. */
static void segments(struct wt_json *j, const struct wt_connection *c)
{
    wt_json_key(j, "segments");
    wt_json_open(j, '[');
    for (size_t i = 0; i < c->segment_count; i++) {
        const struct wt_segment_seen *s = &c->segments[i];
        wt_json_open(j, '[');
        wt_json_number(j, s->frame);
        wt_json_integer(j, s->time.ns - c->start.ns);
        wt_json_number(j, s->from);
        wt_json_number(j, s->sequence);
        wt_json_number(j, s->length);
        wt_json_number(j, s->flags);
        if (s->mark)
            wt_json_number(j, s->mark);
        wt_json_close(j, ']');
    }
    wt_json_close(j, ']');
    if (c->segments_dropped)
        wt_json_member_number(j, "segments_dropped", c->segments_dropped);
}

void wt_page_detail(struct wt_page *p, struct wt_json *j, const struct wt_connection *c)
{
    struct wt_text *x = wt_page_text(p, c);
    wt_json_open(j, '{');
    story(p, j, c);
    findings(p, j, c);
    certificates(p, j, c);
    roles(j, c);
    wt_page_records(p, j, c);
    wt_page_packets(p, j, c);
    segments(j, c);
    wt_page_datagrams(p, j, x);
    wt_page_told(p, j, x);
    wt_page_messages(p, j, x);
    wt_json_close(j, '}');
}
