/* Sentences: QUIC handshakes that stand still, and closes without an alert. */
#include "diagnosis/sentences.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "diagnosis/case.h"
#include "observer/quic/close.h"
#include "observer/quic/settle.h"

#include <inttypes.h>
#include <stdio.h>

static double seconds(const struct wt_quic_stands *s)
{
    return (double)s->waited_ns / 1e9;
}

/* What goes on: ", while the client sent 3 more datagrams (the last: packet 17)". */
enum { AGAIN = 160 };
static const char *again(const struct wt_quic *q, unsigned side, char out[AGAIN])
{
    const struct wt_quic_again *a = &q->side[side].again;
    const char *format = side == WT_CLIENT ? ngettext_("the client sent %u more datagram (packet %u)",
                                                       "the client sent %u more datagrams (until packet %u)", a->count)
                                           : ngettext_("the server sent %u more datagram (packet %u)",
                                                       "the server sent %u more datagrams (until packet %u)", a->count);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    (void)snprintf(out, AGAIN, format, a->count, a->frame);
#pragma GCC diagnostic pop
    return out;
}

/* RFC 9000, 14: "QUIC MUST NOT be used if the network path cannot support a maximum datagram size of at least 1200
 * bytes": larger ones than on most paths are what is lost, where nothing else is. */
static void say_size(struct wt_case *k, const struct wt_list_finding *f, unsigned side)
{
    const uint32_t large = 1000; /* bytes */
    const struct wt_quic *q = k->tls->quic;
    char text[256];
    if (!f || !q->side[side].again.count || q->side[side].again.least < large)
        return;
    (void)snprintf(text, sizeof text,
                   _(" All datagrams that do not arrive have %u bytes or more: probably the path drops large ones (its "
                     "MTU is too small for QUIC, or a firewall drops IP fragments)."),
                   q->side[side].again.least);
    wt_finding_more(k->tls, f, text);
}

static const struct wt_list_finding *server_unheard(struct wt_case *k, enum wt_finding_id id,
                                                    const struct wt_quic_stands *s)
{
    char at[WT_CASE_AT], client[AGAIN], server[AGAIN];
    const struct wt_quic *q = k->tls->quic;
    wt_case_at(s->frame, at);
    again(q, WT_CLIENT, client);
    again(q, WT_SERVER, server);
    if (!wt_quic_standstill_is_heard(q, WT_SERVER))
        return wt_finding_say(k->tls, id, s->frame,
                              _("The server's answer%s does not reach the client: nothing that the client sent since "
                                "shows that it has received any of it. Within %.1f s %s, and %s."),
                              at, seconds(s), client, server);
    return wt_finding_say(
        k->tls, id, s->frame,
        _("The client has received the beginning of the server's answer, and not the whole of its "
          "flight%s: it sent no Finished. Within %.1f s %s, and %s: something on the path drops a part "
          "of what the server sends."),
        at, seconds(s), client, server);
}

const struct wt_list_finding *wt_sentence_quic_unheard(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], client[AGAIN], server[AGAIN];
    const struct wt_quic *q = k->tls->quic;
    const struct wt_quic_stands s = wt_quic_standstill(q);
    const struct wt_list_finding *f =
        s.side == WT_SERVER
            ? server_unheard(k, id, &s)
            : wt_finding_say(k->tls, id, s.frame,
                             _("The client's Finished%s does not reach the server, which goes on with its own flight. "
                               "Within %.1f s %s, and %s: something on the path drops what the client sends."),
                             wt_case_at(s.frame, at), seconds(&s), again(q, WT_SERVER, server),
                             again(q, WT_CLIENT, client));
    say_size(k, f, s.side);
    return f;
}

const struct wt_list_finding *wt_sentence_quic_silent(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], text[AGAIN];
    const struct wt_quic *q = k->tls->quic;
    const struct wt_quic_stands s = wt_quic_standstill(q);
    wt_case_at(s.frame, at);
    again(q, !s.side, text);
    if (s.side == WT_CLIENT)
        return wt_finding_say(
            k->tls, id, s.frame,
            _("The client said nothing more after the server's answer%s: within %.1f s %s. The client "
              "is gone, or nothing of what the server sends reaches it."),
            at, seconds(&s), text);
    if (s.finished)
        return wt_finding_say(
            k->tls, id, s.frame,
            _("The server said nothing more after the client's Finished%s: within %.1f s %s. The server "
              "is gone, or nothing passes between the two any more."),
            at, seconds(&s), text);
    if (q->flags & WT_QUIC_RETRY_SEEN && !q->side[WT_SERVER].packets[WT_QUIC_INITIAL])
        return wt_finding_say(
            k->tls, id, s.frame,
            _("The server sent a Retry and did not answer the ClientHello that came back with its "
              "token%s: within %.1f s %s. Probably it does not take the token, which another server of "
              "the same address may have made, or something on the path drops what follows."),
            at, seconds(&s), text);
    return wt_finding_say(k->tls, id, s.frame,
                          _("The server said nothing more within its flight%s: within %.1f s %s. The server is gone or "
                            "waits for something, or what it sends does not arrive."),
                          at, seconds(&s), text);
}

const struct wt_list_finding *wt_sentence_quic_limited(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_quic *q = k->tls->quic;
    const struct wt_quic_amplification *a = &q->amplification;
    const struct wt_quic_stands s = wt_quic_standstill(q);
    wt_case_at(s.frame, at);
    if (a->waited_ns)
        return wt_finding_say(
            k->tls, id, s.frame,
            _("The server had to stop within its flight%s: it had sent %u bytes, and may send no more "
              "than three times what it has received from a client whose address is not proved (%u bytes "
              "until then). What the client sent afterwards (until packet %u) should have let it go on, "
              "and did not reach it within %.1f s."),
            at, a->sent, a->received, a->frame, seconds(&s));
    return wt_finding_say(
        k->tls, id, s.frame,
        _("The server had to stop within its flight%s: it had sent %u bytes, and may send no more than "
          "three times what it has received from a client whose address is not proved (%u bytes). The "
          "client, which has to send something then (RFC 9002, 6.2.2.1), sent nothing more within "
          "%.1f s: it is gone, or nothing of what the server sent has reached it."),
        at, a->sent, a->received, seconds(&s));
}

/* What its sender adds in words, in brackets; "" without. */
enum { REASON = 160 };
static const char *reason(const struct wt_quic_close *close, char out[REASON])
{
    char text[REASON - 16];
    out[0] = '\0';
    if (!close->reason.n)
        return out;
    (void)wt_printable_into(text, sizeof text, close->reason);
    (void)snprintf(out, REASON, _(" (\"%s\")"), text);
    return out;
}

const struct wt_list_finding *wt_sentence_quic_closed(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT], words[REASON];
    const struct wt_quic_close *close = wt_quic_close_first(k->tls->quic);
    const unsigned from = close->from;
    const char *name = wt_quic_close_name(k->tls->quic, close);
    (void)id;
    return wt_finding_say(
        k->tls, from == WT_CLIENT ? WT_FINDING_REJECTED_BY_CLIENT : WT_FINDING_REJECTED_BY_SERVER, close->frame,
        _("%s closed the connection during the handshake%s, with error %s (0x%" PRIx64 ")%s; the last it received was "
          "%s from %s."),
        wt_case_side_first(from), wt_case_at(close->frame, at),
        name                 ? name
        : close->application ? _("of the application")
                             : _("(unregistered)"),
        close->code, reason(close, words), wt_case_last(k, !from), wt_case_side(!from));
}

const struct wt_list_finding *wt_sentence_quic_reset(struct wt_case *k, enum wt_finding_id id)
{
    char at[WT_CASE_AT];
    const struct wt_quic *q = k->tls->quic;
    return wt_finding_say(k->tls, id, q->reset_frame,
                          _("%s answered with a stateless reset during the handshake%s: it does not know the "
                            "connection any more."),
                          wt_case_side_first(q->reset_from), wt_case_at(q->reset_frame, at));
}
