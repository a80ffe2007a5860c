/* One connection: its handshake, the answers to what is asked, and the runner's data with each byte complemented. */
#include "shim.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { HANDSHAKE_FAILURE = 40, CERTIFICATE_UNKNOWN = 46, DECOMPRESSION_FAILURE = 30, INTERNAL_ERROR = 80 };
enum { BAD_CERTIFICATE_STATUS_RESPONSE = 113, NO_APPLICATION_PROTOCOL = 120 };

static bool flush(struct talk *t)
{
    for (struct wt_span s; (s = wt_endpoint_outgoing(t->e)).n;) {
        const ssize_t sent = write(t->fd, s.p, s.n);
        if (sent < 0)
            return false;
        wt_endpoint_sent(t->e, (size_t)sent);
    }
    return true;
}

static bool write_all(struct talk *t, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    while (n) {
        size_t taken = wt_endpoint_write(t->e, p, n);
        p += taken;
        n -= taken;
        struct wt_span s = wt_endpoint_outgoing(t->e);
        if (!taken && !s.n)
            return false;
        ssize_t sent = s.n ? write(t->fd, s.p, s.n) : 0;
        if (sent < 0)
            return false;
        wt_endpoint_sent(t->e, (size_t)sent);
    }
    return true;
}

/* --- answers ------------------------------------------------------------------------------------------------------ */

static bool stop(struct talk *t, uint8_t alert)
{
    t->fails = true;
    return wt_endpoint_abort(t->e, alert);
}

static bool answer_identity(struct talk *t)
{
    const struct making *m = &t->c->making;
    if (m->hello_fails)
        return stop(t, HANDSHAKE_FAILURE);
    if (m->certificate_fails || m->ddos_fails || (m->server && m->ocsp_fails))
        return stop(t, INTERNAL_ERROR);
    const struct wt_identity *one = m->ocsp_in_callback && t->p->stapled ? t->p->stapled : t->p->identities[0];
    return wt_endpoint_answer_identity(t->e, one);
}

static bool answer_verdict(struct talk *t)
{
    const struct making *m = &t->c->making;
    /* who only looks at what is wrong goes on */
    const bool looks = !m->verify_peer && !m->any_client_certificate;
    if (m->verify_fail && !looks)
        return stop(t, m->custom_verify ? CERTIFICATE_UNKNOWN : HANDSHAKE_FAILURE);
    if (m->ocsp_fails)
        return stop(t, BAD_CERTIFICATE_STATUS_RESPONSE);
    return wt_endpoint_answer_verdict(t->e, true);
}

static bool answer_protocol(struct talk *t)
{
    if (t->c->making.reject_alpn)
        return stop(t, NO_APPLICATION_PROTOCOL);
    return wt_endpoint_answer_alpn(t->e, "") || stop(t, INTERNAL_ERROR); /* no client offers an empty one */
}

static int answer(struct talk *t, const struct wt_event *event)
{
    const int wrong = check_question(t, event);
    bool ok = true;
    if (wrong)
        return wrong;
    switch (event->ask) {
    case WT_ASK_IDENTITY:
        ok = answer_identity(t);
        break;
    case WT_ASK_VERDICT:
        ok = answer_verdict(t);
        break;
    case WT_ASK_RESUMED:
        ok = wt_endpoint_answer_resumed(t->e, !t->c->making.verify_fail);
        break;
    case WT_ASK_ALPN:
        ok = answer_protocol(t);
        break;
    case WT_ASK_PSK:
        ok = wt_endpoint_answer_psk(t->e, NULL); /* the party's */
        break;
    default:
        break;
    }
    return ok ? 0 : fail("answer");
}

/* --- what is written first ---------------------------------------------------------------------------------------- */

static bool write_keys(struct talk *t)
{
    static uint8_t bytes[1 << 15];
    const struct config *c = t->c;
    const char *text = c->export_context ? c->export_context : "", *label = c->export_label ? c->export_label : "";
    const struct wt_span context = {c->use_context ? (const uint8_t *)text : NULL, c->use_context ? strlen(text) : 0};
    const size_t n = (size_t)c->export_bytes;
    return wt_endpoint_export(t->e, label, context, bytes, n) && write_all(t, bytes, n);
}

/* Their length, and the secret that the peer writes with, then ours. */
static bool write_secrets(struct talk *t)
{
    const unsigned ours = wt_endpoint_side(t->e), theirs = ours == WT_CLIENT ? WT_SERVER : WT_CLIENT;
    const size_t n = strlen(t->p->secret[ours]) / 2;
    uint8_t bytes[2 + 2 * 48] = {(uint8_t)n, 0};
    unsigned byte;
    for (size_t i = 0; i < n; i++) {
        if (sscanf(t->p->secret[theirs] + 2 * i, "%2x", &byte) == 1)
            bytes[2 + i] = (uint8_t)byte;
        if (sscanf(t->p->secret[ours] + 2 * i, "%2x", &byte) == 1)
            bytes[2 + n + i] = (uint8_t)byte;
    }
    return n && write_all(t, bytes, 2 + 2 * n);
}

static bool write_unique(struct talk *t)
{
    uint8_t bytes[12];
    return wt_endpoint_unique(t->e, bytes) && write_all(t, bytes, sizeof bytes);
}

static bool write_sizes(struct talk *t)
{
    static uint8_t bytes[32769];
    static const size_t sizes[] = {1, 255, 256, 257, 16383, 16384, 16385, 32767, 32768, 32769};
    bool ok = true;
    memset(bytes, 0x42, sizeof bytes);
    for (size_t i = 0; ok && i < sizeof sizes / sizeof *sizes; i++)
        ok = write_all(t, bytes, sizes[i]);
    return ok;
}

static bool write_hello(struct talk *t)
{
    const struct config *c = t->c;
    if (!c->writes_first && !c->unfinished_write)
        return true;
    if (!c->unfinished_write)
        return write_all(t, "hello", 5);
    /* what was said before is sent, and this waits */
    return flush(t) && (t->holds = wt_endpoint_write(t->e, "hello", 5) == 5);
}

static int on_established(struct talk *t)
{
    const int wrong = check_established(t);
    if (wrong || t->handshakes++)
        return wrong;
    if (t->c->export_bytes && !write_keys(t))
        return fail("exporter");
    if (t->c->export_secrets && !write_secrets(t))
        return fail("traffic secrets");
    if (t->c->unique && !write_unique(t))
        return fail("tls-unique");
    if (t->c->sends_alert)
        return stop(t, DECOMPRESSION_FAILURE) ? 0 : fail("alert");
    if (!(t->c->different_sizes ? write_sizes(t) : t->early || write_hello(t)))
        return fail("write");
    if (t->c->shuts_down)
        wt_endpoint_end(t->e);
    return 0;
}

/* --- what comes --------------------------------------------------------------------------------------------------- */

static int on_data(struct talk *t)
{
    uint8_t bytes[1 << 15];
    struct wt_span s = wt_endpoint_data(t->e);
    size_t most = t->c->read_size ? (size_t)t->c->read_size : 512;
    size_t n = s.n < most ? s.n : most;
    if (n > sizeof bytes)
        n = sizeof bytes;
    if (t->c->shuts_down && t->handshakes)
        return fail("data after close_notify");
    t->holds = false;
    for (size_t i = 0; i < n; i++)
        bytes[i] = s.p[i] ^ 0xff;
    wt_endpoint_taken(t->e, n);
    if (t->c->key_update && !wt_endpoint_key_update(t->e, false))
        return fail("KeyUpdate");
    (void)write_all(t, bytes, n);
    return 0;
}

/* Early data that were not taken are not sent again. */
static void now_later(struct talk *t)
{
    struct wt_endpoint_info i;
    wt_endpoint_info(t->e, &i);
    if (!i.version || i.early_data_accepted)
        return;
    t->c = t->later;
    t->later = NULL;
    t->early = false;
}

static int on_events(struct talk *t)
{
    struct wt_event event;
    int wrong = 0;
    while (!wrong && wt_endpoint_next_event(t->e, &event)) {
        if (t->later && event.kind != WT_EVENT_HELLO)
            now_later(t);
        if (event.kind == WT_EVENT_ASK)
            wrong = answer(t, &event);
        else if (event.kind == WT_EVENT_HELLO)
            wrong = check_hello(t, &event);
        else if (event.kind == WT_EVENT_ESTABLISHED)
            wrong = on_established(t);
    }
    return wrong;
}

/* Whether the hello announces early data: then a ChangeCipherSpec follows it (RFC 8446, D.4). */
static bool offers_early(const struct talk *t)
{
    const struct wt_span out = wt_endpoint_outgoing(t->e);
    return out.n > 5 && out.n > 5u + (size_t)(out.p[3] << 8 | out.p[4]);
}

static int begin(struct talk *t)
{
    const struct config *c = t->c;
    const bool client = !c->making.server && t->resumes && c->making.early_data;
    if (c->no_offer_early && t->resumes && offers_early(t))
        return fail("early data are offered");
    /* what is written first may go before the handshake is done */
    const bool starts = !c->making.server && c->making.false_start && !c->waits_for_end;
    t->early = c->writes_first && (client || starts);
    if (!client || !c->reject_early)
        t->later = NULL;
    if (t->early)
        (void)wt_endpoint_write(t->e, "hello", 5);
    return 0;
}

/* False: there is nothing left to do. */
static bool read_or_end(struct talk *t, unsigned wants, bool *ended)
{
    const bool reads = wants & WT_WANTS_BYTES && !(t->c->shuts_down && t->handshakes && !t->c->check_close);
    size_t room;
    if (reads) {
        uint8_t *p = wt_endpoint_room(t->e, &room);
        const ssize_t n = read(t->fd, p, room);
        n > 0 ? wt_endpoint_received(t->e, (size_t)n) : wt_endpoint_closed(t->e, n == 0);
    } else if (!*ended) {
        wt_endpoint_end(t->e);
        *ended = true;
    } else {
        return false;
    }
    return true;
}

/* Keying material can be had at any time but while another handshake is under way. */
static int between_reads(struct talk *t)
{
    uint8_t bytes[32];
    if (!t->c->exports_between || !t->handshakes)
        return 0;
    return wt_endpoint_export(t->e, "", (struct wt_span){0}, bytes, sizeof bytes) ? 0 : fail("keying material");
}

int talk(struct talk *t)
{
    bool ended = false;
    int wrong = begin(t);
    for (unsigned w; !wrong && !(wt_endpoint_wants(t->e) & WT_ENDED);) {
        wrong = on_events(t);
        w = wt_endpoint_wants(t->e);
        const struct wt_span s = t->holds ? (struct wt_span){0} : wt_endpoint_outgoing(t->e);
        if (wrong) {
            break;
        } else if (s.n) {
            const ssize_t n = write(t->fd, s.p, s.n);
            n > 0 ? wt_endpoint_sent(t->e, (size_t)n) : wt_endpoint_closed(t->e, false);
        } else if (w & WT_HAS_DATA) {
            wrong = on_data(t);
        } else if (!read_or_end(t, w, &ended)) {
            break;
        } else {
            wrong = between_reads(t);
        }
    }
    return wrong ? wrong : check_end(t);
}
