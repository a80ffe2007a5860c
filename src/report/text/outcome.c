#include "report/text/outcome.h"

#include "registry/quic.h"
#include "report/text/words.h"
#include "wiretale/quic.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool wt_text_outcome_has(const struct wt_connection *c, const char *id)
{
    for (size_t i = 0; i < c->finding_count; i++)
        if (!strcmp(c->findings[i].id, id))
            return true;
    return false;
}

/* --- failed ------------------------------------------------------------------------------------------------------- */

static const char *cause_of(const struct wt_connection *c)
{
    for (size_t i = 0; i < c->finding_count; i++)
        if (c->findings[i].severity == WT_FATAL)
            return c->findings[i].id;
    return "";
}

/* A close at the end of a long wait tells who gave up. */
static void waited(struct wt_text *x, const char *what)
{
    const struct wt_quic_story *q = x->c->quic;
    const struct wt_quic_close_seen *close = q->close_count ? &q->closes[0] : NULL;
    wt_words_add(x, "%s", what);
    if (close)
        wt_words_add(x, "%s", close->from == WT_CLIENT ? _("the client gave up") : _("the server gave up"));
}

static void closed(struct wt_text *x, const struct wt_quic_close_seen *close)
{
    char code[32];
    (void)snprintf(code, sizeof code, "0x%" PRIx64, close->code);
    wt_words_add(x,
                 /* TRANSLATORS: an error's name, or its number */
                 close->from == WT_CLIENT ? _("failed: client closed with error %s")
                                          : _("failed: server closed with error %s"),
                 close->name ? close->name : code);
}

bool wt_text_outcome_failed(struct wt_text *x)
{
    const struct wt_quic_story *q = x->c->quic;
    if (!q)
        return false;
    const char *cause = cause_of(x->c);
    if (!strcmp(cause, "no-answer-to-client-hello"))
        waited(x, _("failed: no answer to the ClientHello"));
    else if (!strcmp(cause, "handshake-stalled"))
        waited(x, _("failed: the handshake stalled"));
    else if (!strcmp(cause, "version-negotiation-failed"))
        wt_words_add(x, "%s", _("failed: no version of QUIC in common"));
    else if (q->reset_frame && !q->close_count)
        wt_words_add(x, "%s", _("failed: ended by a stateless reset"));
    else if (q->close_count)
        closed(x, &q->closes[0]);
    else
        return false;
    return true;
}

/* --- incomplete --------------------------------------------------------------------------------------------------- */

static uint64_t count(const struct wt_quic_counts *of, enum wt_quic_packet packet)
{
    for (size_t i = 0; i < of->count; i++)
        if (!strcmp(of->items[i].what, wt_quic_packet_id(packet)))
            return of->items[i].count;
    return 0;
}

static bool any(const struct wt_quic_counts *of)
{
    return of->count != 0;
}

static bool is_opened(const struct wt_quic_story *q, unsigned side)
{
    return count(&q->opened[side], WT_QUIC_INITIAL) != 0;
}

static bool is_cut(const struct wt_connection *c)
{
    return wt_text_outcome_has(c, "capture-truncated-packets");
}

/* No ClientHello could be read. */
static const char *without_hello(const struct wt_connection *c)
{
    const struct wt_quic_story *q = c->quic;
    const struct wt_quic_counts *client = &q->packets[WT_CLIENT], *server = &q->packets[WT_SERVER];
    if (is_opened(q, WT_CLIENT))
        return _("incomplete: a part of the ClientHello was not captured");
    if (count(client, WT_QUIC_INITIAL) && !wt_quic_version_find(q->version) && !wt_quic_version_is_reserved(q->version))
        return _("incomplete: nobody can open this version of QUIC");
    if (count(client, WT_QUIC_INITIAL) && is_cut(c))
        return _("incomplete: the capture's snaplen cut the packets with the ClientHello");
    if (count(client, WT_QUIC_INITIAL))
        return _("incomplete: its Initial packets do not open: probably the first one or a Retry was not captured, or "
                 "they were changed");
    if (count(client, WT_QUIC_0RTT) || count(client, WT_QUIC_HANDSHAKE) || count(server, WT_QUIC_INITIAL) ||
        count(server, WT_QUIC_HANDSHAKE) || count(server, WT_QUIC_RETRY))
        return _("incomplete: the capture starts within the handshake");
    return _("incomplete: the capture starts after the handshake");
}

/* The server has sent packets, and no ServerHello could be read. */
static const char *without_answer(const struct wt_connection *c)
{
    const struct wt_quic_story *q = c->quic;
    const struct wt_quic_counts *server = &q->packets[WT_SERVER];
    if (count(server, WT_QUIC_INITIAL) && is_cut(c))
        return _("incomplete: the capture's snaplen cut the packets with the ServerHello");
    if (is_opened(q, WT_SERVER))
        return _("incomplete: the server has got the ClientHello; its ServerHello was not captured");
    if (count(server, WT_QUIC_INITIAL))
        return _(
            "incomplete: the server's Initial packets do not open: probably a Retry was not captured, or they were "
            "changed");
    if (q->retry)
        return _("incomplete: nothing that follows the server's Retry was captured");
    return _("incomplete: no ServerHello captured");
}

/* Both hellos are here. */
static const char *within(const struct wt_quic_story *q)
{
    const struct wt_quic_counts *client = &q->packets[WT_CLIENT], *server = &q->packets[WT_SERVER];
    if (!count(client, WT_QUIC_HANDSHAKE) && !count(client, WT_QUIC_1RTT))
        return count(server, WT_QUIC_HANDSHAKE)
                   ? _("incomplete: the server has answered; no answer of the client to that was captured")
                   : _("incomplete: nothing that follows the ServerHello was captured");
    if (!count(client, WT_QUIC_1RTT) && !count(server, WT_QUIC_1RTT))
        return _("incomplete: nothing that follows the handshake packets was captured");
    return _("incomplete: the end of the handshake was not captured");
}

const char *wt_text_outcome_incomplete(const struct wt_connection *c)
{
    const struct wt_quic_story *q = c->quic;
    const bool client = any(&q->packets[WT_CLIENT]), server = any(&q->packets[WT_SERVER]);
    if (wt_quic_version_is_google(q->version) && !c->client_hello_seen)
        return _("incomplete: Google's own QUIC, without TLS, is not decoded");
    if (!c->server_hello_seen && wt_text_outcome_has(c, "quic-version-negotiation"))
        return _("incomplete: the client began anew with another version");
    if (!client && q->versions_offered_count)
        return _("incomplete: of the client's attempt only the server's Version Negotiation packet was captured");
    if (!client && server)
        return _("incomplete: only the server's packets were captured");
    if (!server && (count(&q->packets[WT_CLIENT], WT_QUIC_HANDSHAKE) || wt_text_outcome_has(c, "capture-one-sided")))
        return _("incomplete: only the client's packets were captured");
    if (!c->client_hello_seen)
        return without_hello(c);
    if (!server)
        return _("incomplete: no answer of the server was captured");
    return c->server_hello_seen ? within(q) : without_answer(c);
}
