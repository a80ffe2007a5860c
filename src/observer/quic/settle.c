#include "observer/quic/settle.h"

#include "base/i18n.h"
#include "observer/endless.h"
#include "observer/quic/close.h"
#include "wording/icmp.h"

#include <inttypes.h>
#include <stdio.h>

/* --- the handshake's outcome -------------------------------------------------------------------------------------- */

/* RFC 9001, 4.1.2: the handshake is confirmed at the server when it is complete; the server says so with
 * HANDSHAKE_DONE. A server that refuses the client's certificate closes before it. */
static bool was_refused(const struct wt_quic *q, const struct wt_quic_close *close)
{
    return close && close->from == WT_SERVER && !close->application && close->code >= WT_QUIC_CRYPTO_ERROR &&
           close->code <= WT_QUIC_CRYPTO_ERROR_LAST && !q->confirmed_frame;
}

static bool is_offered(const struct wt_quic *q, uint32_t version)
{
    for (unsigned i = 0; i < q->offered_count; i++)
        if (q->offered[i] == version)
            return true;
    return false;
}

/* One of the same client's to the same server, soon after, in a version that the server offers. */
static bool is_next(const struct wt_quic *q, const struct wt_conversation *c)
{
    const int64_t soon = 10000000000; /* nanoseconds */
    const struct wt_quic *next = c->tls ? c->tls->quic : NULL;
    if (!next || !next->path_count || !q->path_count)
        return false;
    const struct wt_quic_path *own = &q->paths[0], *other = &next->paths[0];
    return memcmp(own->ends.ip, other->ends.ip, sizeof own->ends.ip) == 0 &&
           own->ends.port[WT_SERVER] == other->ends.port[WT_SERVER] && other->first_ns >= own->first_ns &&
           other->first_ns - own->last_ns < soon && is_offered(q, next->version);
}

/* RFC 9000, 6.2: a client that has got a Version Negotiation packet may begin anew from another port: among the next
 * few connections. */
static const struct wt_quic *goes_on(const struct wt_quic *q)
{
    const unsigned few = 64;
    const struct wt_conversation *c = q->c;
    for (unsigned i = 0; i < few && (c = wt_conversations_next(q->o->udp.table, c)); i++)
        if (is_next(q, c))
            return c->tls->quic;
    return NULL;
}

/* 6.2: the client has not found a version among those that the server offers; or it tries another in a connection of
 * its own. */
static bool has_no_version(const struct wt_quic *q)
{
    return q->flags & WT_QUIC_NEGOTIATED && q->tried_count == 1 && !q->side[WT_SERVER].opened[WT_QUIC_INITIAL];
}

/* RFC 9000, 12.5: an application's close is in no packet of the handshake: a client that sends one had finished it, and
 * so has whoever has nothing to complain of. */
static bool closes_handshake(const struct wt_quic *q, const struct wt_quic_close *close)
{
    return close && !(close->application && (close->from == WT_CLIENT || !wt_quic_close_is_error(q, close)));
}

static bool is_established(const struct wt_quic *q)
{
    return wt_outcome_is_established(q->c->tls) && wt_quic_standstill(q).kind == WT_QUIC_GOES_ON;
}

unsigned wt_quic_settle_state(const struct wt_quic *q)
{
    const struct wt_quic_close *close = wt_quic_close_first(q);
    if (has_no_version(q))
        return goes_on(q) ? WT_INCOMPLETE : WT_FAILED;
    if (was_refused(q, close))
        return WT_FAILED;
    if (is_established(q))
        return WT_ESTABLISHED;
    const bool hello = wt_flow_has(&q->c->tls->flow, WT_FACT_CLIENT_HELLO);
    return closes_handshake(q, close) || q->flags & WT_QUIC_RESET || wt_quic_standstill(q).kind != WT_QUIC_GOES_ON ||
                   (hello && wt_quic_standstill_is_undelivered(q))
               ? WT_FAILED
               : WT_INCOMPLETE;
}

/* --- versions ----------------------------------------------------------------------------------------------------- */

static void version_names(const uint32_t *list, size_t n, char *out, size_t size)
{
    size_t at = 0;
    out[0] = '\0';
    for (size_t i = 0; i < n && at < size; i++) {
        const char *name = wt_registry_name(WT_REG_QUIC_VERSION, list[i]);
        const int more = name ? snprintf(out + at, size - at, "%s%s", i ? ", " : "", name)
                              : snprintf(out + at, size - at, "%s0x%08" PRIx32, i ? ", " : "", list[i]);
        at += more > 0 ? (size_t)more : 0;
    }
}

/* Version Negotiation takes a round trip, and then all goes well. */
static void negotiated(struct wt_quic *q, const char *offered, const struct wt_quic *next)
{
    char first[64], then[64];
    version_names(q->tried, 1, first, sizeof first);
    version_names(&next->version, 1, then, sizeof then);
    if (next == q)
        (void)wt_finding_say(q->c->tls, WT_FINDING_QUIC_VERSION_NEGOTIATION, q->negotiation_frame,
                             _("The server does not support the version that the client began with (%s) and offered "
                               "others (%s): the client began anew with %s. That takes one round trip."),
                             first, offered, then);
    else
        (void)wt_finding_say(q->c->tls, WT_FINDING_QUIC_VERSION_NEGOTIATION, q->negotiation_frame,
                             _("The server does not support the version that the client began with (%s) and offered "
                               "others (%s): the client began anew with %s, from another port (stream %" PRIu32
                               "). That takes one round trip."),
                             first, offered, then, next->c->stream);
}

static void versions(struct wt_quic *q)
{
    struct wt_tls *tls = q->c->tls;
    char tried[256], offered[256];
    if (!(q->flags & WT_QUIC_NEGOTIATED))
        return;
    const struct wt_quic *next = has_no_version(q) ? goes_on(q) : q;
    version_names(q->tried, q->tried_count, tried, sizeof tried);
    version_names(q->offered, q->offered_count, offered, sizeof offered);
    if (next) {
        if (next != q || q->tried_count > 1)
            negotiated(q, offered, next);
        return;
    }
    const struct wt_list_finding *f = wt_finding_say(tls, WT_FINDING_VERSION_NEGOTIATION_FAILED, q->negotiation_frame,
                                                     _("The server does not support the client's version of QUIC (%s). "
                                                       "It offers %s, and the client tried no other."),
                                                     tried, offered);
    if (!f)
        return;
    /* RFC 9000, 6.2: a client that goes on does so at once: where the capture ends by then it may have */
    const int64_t second = 1000000000;
    const bool probable = wt_observer_seen_until(q->o, q->c->last_ns) - q->c->last_ns < second;
    wt_finding_blame(tls, f, WT_FAULT_BOTH, WT_NOTICED_BY_SERVER, probable);
    wt_finding_cause(tls, f);
}

/* --- what protects the handshake ---------------------------------------------------------------------------------- */

static void retry(struct wt_quic *q)
{
    struct wt_tls *tls = q->c->tls;
    if (q->flags & WT_QUIC_RETRY_SEEN)
        wt_finding_add(tls, WT_FINDING_QUIC_RETRY, q->retry_frame, "", q->retry_token, 0);
    if (q->flags & WT_QUIC_RETRY_BAD)
        wt_finding_add(tls, WT_FINDING_QUIC_RETRY_BAD_TAG, q->retry_bad_frame, "", 0, 0);
    if (q->flags & WT_QUIC_HELLO_CHANGED) {
        wt_finding_add(tls, WT_FINDING_QUIC_HELLO_CHANGED, q->changed_frame, "", 0, 0);
        const struct wt_list_finding *f = wt_finding_of(tls, WT_FINDING_QUIC_HELLO_CHANGED);
        if (f)
            wt_finding_blame(tls, f, WT_FAULT_CLIENT, WT_NOTICED_BY_NONE, false);
    }
}

static void parameters(struct wt_quic *q)
{
    static const char *const names[] = {
        [WT_QUIC_MISMATCH_ORIGINAL] = "original_destination_connection_id",
        [WT_QUIC_MISMATCH_SOURCE] = "initial_source_connection_id",
        [WT_QUIC_MISMATCH_RETRY] = "retry_source_connection_id",
        [WT_QUIC_MISMATCH_VERSION] = "version_information",
    };
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_quic_verified *v = &q->verified[side];
        if (v->mismatch)
            (void)wt_finding_say(q->c->tls, WT_FINDING_QUIC_ID_MISMATCH, v->frame,
                                 _("The transport parameter %s from %s does not agree with the packets that passed: "
                                   "somebody on the path has changed them, or that side is broken. The other side must "
                                   "close the connection."),
                                 names[v->mismatch], _(wt_tls_sender_within(side)));
    }
}

/* --- the path ----------------------------------------------------------------------------------------------------- */

static void path_of(const struct wt_quic_path *p, char out[64])
{
    struct wt_address client = {.port = p->ends.port[WT_CLIENT]};
    char text[46];
    memcpy(client.ip, p->ends.ip[WT_CLIENT], sizeof client.ip);
    (void)snprintf(out, 64, _("%s, port %u"), wt_address_format(&client, text), client.port);
}

/* RFC 9000, 8.2.4: a validation is given up after "three times the larger of the current PTO or the PTO for the new
 * path (using kInitialRtt ...)", which is three seconds; a challenge that was sent again was not answered in time. */
static bool is_unanswered(const struct wt_quic *q, const struct wt_quic_path *p, unsigned side, int64_t *waited)
{
    const int64_t second = 1000000000;
    *waited = wt_observer_seen_until(q->o, q->c->last_ns) - p->challenged_ns[side];
    return p->challenged[side] && !p->answered[side] && *waited >= (p->challenges[side] > 1 ? second : 3 * second);
}

static bool unanswered(struct wt_quic *q, const struct wt_quic_path *p)
{
    char text[64];
    int64_t waited;
    for (unsigned side = 0; side < 2; side++) {
        if (!is_unanswered(q, p, side, &waited))
            continue;
        path_of(p, text);
        const char *format =
            side == WT_CLIENT
                ? _("The client tried another path (from %s) that was never validated: its PATH_CHALLENGE (packet "
                    "%" PRIu32 ", sent %" PRIu32
                    " times in all) was not answered within %.1f s. Nothing passes there, in one "
                    "direction or in both.")
                : _("The client was seen at another address (%s) that was never validated: the server's PATH_CHALLENGE "
                    "(packet %" PRIu32 ", sent %" PRIu32
                    " times in all) was not answered within %.1f s. Nothing reaches "
                    "the client there, or somebody else has sent its packets from there.");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)wt_finding_say(q->c->tls, WT_FINDING_QUIC_PATH, p->challenged[side], format, text, p->challenged[side],
                             p->challenges[side], (double)waited / 1e9);
#pragma GCC diagnostic pop
        return true;
    }
    return false;
}

/* RFC 9000, 9.3: "Until a peer's address is deemed valid, an endpoint limits the amount of data it sends to that
 * address": of those that the client has sent more than a probe from. */
static void paths(struct wt_quic *q)
{
    enum { PROBES = 2 };
    const int64_t second = 1000000000;
    if (!q->side[WT_CLIENT].opened[WT_QUIC_1RTT])
        return;
    for (unsigned i = 1; i < q->path_count; i++) {
        const struct wt_quic_path *p = &q->paths[i];
        char text[64];
        if (unanswered(q, p) || wt_observer_seen_until(q->o, q->c->last_ns) - p->first_ns < second ||
            p->packets[WT_CLIENT] <= PROBES || p->answered[WT_SERVER] || p->answered[WT_CLIENT])
            continue;
        path_of(p, text);
        (void)wt_finding_say(q->c->tls, WT_FINDING_QUIC_PATH, p->first_frame,
                             _("The client went on from another address (%s) that was never validated: no "
                               "PATH_CHALLENGE to it was answered."),
                             text);
    }
}

static void stall(struct wt_quic *q)
{
    const int64_t ms = 1000000;
    const struct wt_quic_amplification *a = &q->amplification;
    const bool for_good = wt_quic_standstill(q).kind == WT_QUIC_LIMITED;
    const int64_t stalled = for_good ? wt_observer_seen_until(q->o, q->c->last_ns) - a->limit_ns : a->stalled_ns;
    if (stalled)
        wt_finding_add(q->c->tls, WT_FINDING_QUIC_AMPLIFICATION, a->frame, "", (uint64_t)(stalled / ms), 0);
}

static void offload(struct wt_quic *q)
{
    if (q->offloaded)
        wt_finding_add(q->c->tls, WT_FINDING_SEGMENTATION_OFFLOAD, q->offload_frame, "", q->offloaded, q->offload_size);
}

/* --- the end ------------------------------------------------------------------------------------------------------ */

/* RFC 9000, 10.1: "Each endpoint advertises a max_idle_timeout, but the effective value at an endpoint is computed as
 * the minimum of the two advertised values". */
static uint64_t idle_ms(const struct wt_quic *q)
{
    const uint64_t client = q->side[WT_CLIENT].idle_ms, server = q->side[WT_SERVER].idle_ms;
    return !client || (server && server < client) ? server : client;
}

/* RFC 9000, 10.1: "endpoints MUST increase the idle timeout period to be at least three times the current Probe Timeout
 * (PTO)". RFC 9002, 6.2.1 and 5.3: before much is known, that is three round trips and what the receiver may wait; no
 * round trip is longer than the handshake took. */
static int64_t patience_ns(const struct wt_quic *q, uint64_t most)
{
    const int64_t ms = 1000000, delay = 25 * ms;
    const struct wt_outcome *outcome = &q->c->tls->outcome;
    const int64_t took = outcome->ready_ns ? outcome->ready_ns - outcome->start_ns : 0;
    const int64_t least = 3 * (3 * took + delay), agreed = (int64_t)most * ms;
    return agreed > least ? agreed : least;
}

/* Whether a close would have been seen: nobody reads one under keys that are not here. */
static bool is_readable(const struct wt_quic *q)
{
    for (unsigned side = 0; side < 2; side++)
        if (q->side[side].packets[WT_QUIC_1RTT] > q->side[side].opened[WT_QUIC_1RTT])
            return false;
    return is_established(q) && !q->close_count && !(q->flags & WT_QUIC_RESET);
}

/* A side that went on sending for so long, and so often, without a word of the other. */
static bool is_alone(const struct wt_quic *q, unsigned side)
{
    enum { OFTEN = 3 };
    return q->side[side].alone >= OFTEN && q->side[side].last_ns - q->side[!side].last_ns >= WT_LIMIT_PATIENCE_NS;
}

static void left_alone(struct wt_quic *q, unsigned side, uint64_t most)
{
    const struct wt_quic_side *s = &q->side[side], *other = &q->side[!side];
    const char *format =
        side == WT_CLIENT ? _("The server fell silent (its last: packet %" PRIu32 "): the client sent %" PRIu32
                              " datagrams more within %.1f s and got no answer, until the idle timeout of %" PRIu64
                              " ms ended the connection on both sides. The server is gone, or the path between them.")
                          : _("The client fell silent (its last: packet %" PRIu32 "): the server sent %" PRIu32
                              " datagrams more within %.1f s and got no answer, until the idle timeout of %" PRIu64
                              " ms ended the connection on both sides. The client is gone, or the path between them.");
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const struct wt_list_finding *f =
        wt_finding_say(q->c->tls, WT_FINDING_QUIC_IDLE_TIMEOUT, other->last_frame, format, other->last_frame, s->alone,
                       (double)(s->last_ns - other->last_ns) / 1e9, most);
#pragma GCC diagnostic pop
    if (f)
        wt_finding_grade(f, WT_WARNING);
}

static void idle(struct wt_quic *q)
{
    const struct wt_conversation *c = q->c;
    const uint64_t most = idle_ms(q);
    if (!most || most > INT32_MAX || !is_readable(q) || wt_finding_of(c->tls, WT_FINDING_PEER_UNREACHABLE) ||
        wt_observer_seen_until(q->o, c->last_ns) - c->last_ns < patience_ns(q, most))
        return;
    for (unsigned side = 0; side < 2; side++)
        if (is_alone(q, side)) {
            left_alone(q, side, most);
            return;
        }
    wt_finding_add(c->tls, WT_FINDING_QUIC_IDLE_TIMEOUT, c->last_frame, "", most, 0);
}

/* What ICMP says of a side's packets, after the last word of the other. */
static void unreachable(struct wt_quic *q)
{
    char report[WT_WORDING_ICMP];
    for (unsigned side = 0; side < 2; side++) {
        const struct wt_icmp_kept *i = wt_icmp_about(q->c, wt_tls_direction_of(q->c->tls, side));
        if (!i || !wt_icmp_rejects(&i->error) || i->frame < q->side[!side].last_frame || !is_readable(q))
            continue;
        const struct wt_list_finding *f =
            wt_finding_say(q->c->tls, WT_FINDING_PEER_UNREACHABLE, i->frame,
                           side == WT_CLIENT ? _("The server could not be reached any more, and nobody had closed the "
                                                 "connection.")
                                             : _("The client could not be reached any more, and nobody had closed the "
                                                 "connection."));
        if (!f)
            return;
        wt_wording_icmp_report(&i->error, i->frame, report, sizeof report);
        wt_finding_more(q->c->tls, f, report);
        wt_finding_blame(q->c->tls, f,
                         !wt_icmp_is_of_host(q->c, i) ? WT_FAULT_BETWEEN
                         : side == WT_CLIENT          ? WT_FAULT_SERVER
                                                      : WT_FAULT_CLIENT,
                         side == WT_CLIENT ? WT_NOTICED_BY_CLIENT : WT_NOTICED_BY_SERVER, false);
    }
}

/* Whether one direction alone was captured: what a client sends in answer to a server that is not here (RFC
 * 9001, 4.1.4: Handshake keys come with the ServerHello), or a server that has gone on for longer than any round trip.
 */
static bool is_one_sided(const struct wt_quic *q, unsigned side)
{
    const int64_t round_trip = 500000000;
    const struct wt_quic_side *own = &q->side[side];
    if (!own->datagrams || q->side[!side].datagrams)
        return false;
    if (side == WT_CLIENT)
        return wt_flow_has(&q->c->tls->flow, WT_FACT_CLIENT_HELLO) && wt_quic_standstill_is_heard(q, WT_SERVER);
    return (own->packets[WT_QUIC_INITIAL] || own->packets[WT_QUIC_HANDSHAKE]) && q->path_count &&
           own->last_ns - q->paths[0].first_ns >= round_trip;
}

static void one_sided(struct wt_quic *q)
{
    for (unsigned side = 0; side < 2; side++)
        if (is_one_sided(q, side))
            wt_finding_add(q->c->tls, WT_FINDING_CAPTURE_ONE_SIDED, 0, wt_tls_sender_within(side), 0, 0);
}

static void reset(struct wt_quic *q)
{
    if (q->flags & WT_QUIC_RESET)
        wt_finding_add(q->c->tls, WT_FINDING_QUIC_RESET, q->reset_frame, wt_tls_sender(q->reset_from), 0, 0);
}

void wt_quic_settle(struct wt_quic *q)
{
    one_sided(q);
    versions(q);
    retry(q);
    parameters(q);
    wt_quic_violation_settle(q);
    paths(q);
    stall(q);
    offload(q);
    unreachable(q);
    idle(q);
    reset(q);
}
